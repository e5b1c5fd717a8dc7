// Messages for when there are no numbers, or no new ones.

import { useEffect, useState } from "preact/hooks";
import { LOCKED_OUT } from "./client.js";
import * as format from "./format.js";

function useSecondsUntil(instant) {
  const left = () => Math.max(0, Math.ceil((instant - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [instant]);
  return seconds;
}

export function Lost({ lost, at, again }) {
  const seconds = useSecondsUntil(lost.retryAt);
  return (
    <div class={`notice ${lost.isSilent ? "warn" : "bad"}`}>
      <p role="alert">
        <strong>{lost.message}.</strong>{" "}
        {at === null ? "There is nothing to show yet." : `The numbers shown are from ${format.timeOfDay(at)}.`}
      </p>
      <p>
        <span>{seconds > 0 ? `Trying again in ${format.plural(seconds, "second")}.` : "Trying again…"}</span>
        <button type="button" onClick={again}>Try now</button>
      </p>
    </div>
  );
}

function prefixOf({ status, code }) {
  if (code === LOCKED_OUT) return "Locked out: ";
  return status === 403 ? "Not allowed: " : "Voltbook refused: ";
}

export function Refusal({ refusal, children }) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{prefixOf(refusal)}</strong>
        {refusal.message}
      </p>
      {refusal.problems.length > 0 && (
        <ul>
          {refusal.problems.map((problem) => (
            <li key={problem.field}>{`${problem.field} ${problem.message}`}</li>
          ))}
        </ul>
      )}
      {refusal.code !== LOCKED_OUT && children}
    </div>
  );
}

function Waiting() {
  return <p class="notice" role="status">Reading the book…</p>;
}

// Shows the loaded value or its state; `waiting` stands in the places of the first value. The previous numbers stay, dimmed, until the new ones arrive.
export function Live({ live, onRefusal, waiting = <Waiting />, children }) {
  return (
    <>
      {live.lost && <Lost lost={live.lost} at={live.at} again={live.again} />}
      {live.refusal && <Refusal refusal={live.refusal}>{onRefusal}</Refusal>}
      {live.value === null && !live.refusal && !live.lost && waiting}
      {live.value !== null && (
        <div class={`numbers ${live.stale ? "stale" : ""}`} aria-busy={live.stale}>
          {children(live.value)}
        </div>
      )}
    </>
  );
}
