// Shows whether the numbers can be trusted, and the reasons, never by colour alone.

import * as format from "./format.js";
import { Term } from "./terms.jsx";

const STATES = {
  open: { words: "Open", sign: "◔", tone: "warn" },
  missing: { words: "Missing file", sign: "✕", tone: "bad" },
  provisional: { words: "Provisional", sign: "!", tone: "warn" },
  complete: { words: "Complete", sign: "✓", tone: "good" },
  corrected: { words: "Corrected", sign: "↻", tone: "calm" },
};
const MOST_REASONS = 3;

// The API's reasons replace those that the page derives from the state, which may be incomplete.
function reasonsOf({ state, missing_files, provisional_files, quarantined_rows, reasons }, isRange) {
  const why = [];
  if (state === "open") why.push(isRange ? "one of these days is not over yet" : "this day is not over yet");
  if (missing_files.length) why.push(`no usable daily file of ${format.dayList(missing_files)}`);
  const quarantined = quarantined_rows ? [`${format.plural(quarantined_rows, "row")} in quarantine`] : [];
  if (reasons?.length) return [...why, ...quarantined, ...reasons];
  if (provisional_files?.length) why.push(`the file of ${format.dayList(provisional_files)} is not final`);
  why.push(...quarantined);
  if (state === "corrected") why.push("the exchange corrected trades");
  if (state === "complete") why.push(isRange ? "all daily files are imported" : "both daily files are imported");
  return why;
}

export function StateBadge({ state, name, why, terms }) {
  return (
    <p class={`badge ${state.tone}`} data-state={name}>
      <strong>
        <span aria-hidden="true">{state.sign}</span> {terms ? <Term names={terms}>{state.words}</Term> : state.words}
      </strong>
      <span class="why">{why.join(" · ")}</span>
    </p>
  );
}

export function Badge({ completeness, isRange }) {
  const { state, newest_import } = completeness;
  const known = STATES[state] ?? { words: state, sign: "?", tone: "warn" };
  const reasons = reasonsOf(completeness, isRange);
  const more = reasons.slice(MOST_REASONS);
  const newest = newest_import ? `newest import ${format.when(newest_import)}` : "no daily file imported";
  return (
    <>
      <StateBadge state={known} name={state} terms={["completeness"]} why={[...reasons.slice(0, MOST_REASONS), newest]} />
      {more.length > 0 && (
        <details class="more">
          <summary>{format.plural(more.length, "more reason")}</summary>
          <ul>
            {more.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
