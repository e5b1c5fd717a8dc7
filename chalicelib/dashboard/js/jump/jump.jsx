// Ctrl-K: a field that jumps to a day, a trader, a view or a trade. An ARIA combobox: the focus stays in the field.

import { useEffect, useRef, useState } from "preact/hooks";
import { tradeAt, useNavigation } from "../address.js";
import { arrive, useModal } from "../focus.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { daysOf } from "./days.js";
import { entriesOf } from "./entries.js";

const PAUSE_MILLISECONDS = 250;

// The trades of this id at any venue, also the withdrawn ones, once typing pauses.
function useTrades(client, typed, onRefused) {
  const [asked, ask] = useState(null);
  const id = typed.trim();
  const isId = id !== "" && daysOf(id).length === 0;
  useEffect(() => {
    const timer = setTimeout(() => ask(isId ? id : null), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [id, isId]);
  const load = async (signal) => {
    const states = ["all", "withdrawn"].map((state) => client.get("v2/trades", { id: asked, state }, { signal }));
    const [listed, withdrawn] = await Promise.all(states);
    return [...listed, ...withdrawn.map((trade) => ({ ...trade, withdrawn: true }))];
  };
  const live = useLive(asked, load, { once: true, onRefused: (refusal) => refusal.status === 401 && onRefused(refusal) });
  const isAnswered = !isId || (asked === id && !live.stale && (live.value !== null || live.refusal !== null));
  return { trades: isId && asked === id && !live.stale ? live.value : null, isAnswered, lost: live.lost };
}

// With a `text` to begin with, the one trade of that id opens at once.
export function JumpDialog({ client, text = "", onRefused, onClose }) {
  const { place, go, views, known, mayChoose, askTraders } = useNavigation();
  const dialog = useModal();
  const list = useRef(null);
  const [typed, setTyped] = useState(text);
  const [at, setAt] = useState(0);
  const { trades, isAnswered, lost } = useTrades(client, typed, onRefused);
  useEffect(() => {
    if (mayChoose) askTraders();
  }, []);
  const entries = entriesOf(typed, { views, known, mayChoose, trades, view: place.view, trader: place.trader });
  const chosen = entries[Math.min(at, entries.length - 1)];
  useEffect(() => list.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen?.key]);
  const close = () => dialog.current.close();
  const pick = (entry) => {
    close();
    arrive();
    go(entry.change);
  };
  // Enter before the API has answered is done when it has, if there is one such trade; of several venues, the user chooses.
  const isEntered = useRef(text !== "");
  useEffect(() => {
    const isAmbiguous = new Set((trades ?? []).map(tradeAt)).size > 1;
    if (isAnswered && isEntered.current && chosen && !chosen.isGuess && !isAmbiguous) pick(chosen);
    if (isAnswered) isEntered.current = false;
  }, [isAnswered]);
  const pressed = (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps && entries.length) {
      event.preventDefault();
      setAt((entries.indexOf(chosen) + steps + entries.length) % entries.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen) pick(chosen);
      else isEntered.current = !isAnswered;
    } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      close();
    }
  };
  return (
    <dialog ref={dialog} class="jump" aria-label="Jump to a day, trader, view or trade" onClose={onClose} onClick={(event) => event.target === dialog.current && close()}>
      <input
        type="text"
        role="combobox"
        aria-label="Jump to"
        aria-expanded={entries.length > 0}
        aria-controls="jump-list"
        aria-autocomplete="list"
        aria-activedescendant={chosen ? `jump-${entries.indexOf(chosen)}` : undefined}
        placeholder="Day, trader, view, or trade id"
        maxLength={128}
        autoComplete="off"
        spellcheck={false}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
          isEntered.current = false;
        }}
        onKeyDown={pressed}
      />
      <ul id="jump-list" role="listbox" aria-label="Where to" ref={list} hidden={entries.length === 0}>
        {entries.map((entry, index) => (
          <li key={entry.key} id={`jump-${index}`} role="option" aria-selected={entry === chosen} onClick={() => pick(entry)}>
            <span class="what">{entry.text}</span>
            <span class="note">{entry.note}</span>
          </li>
        ))}
      </ul>
      <p class="hint" role="status">{statusOf(entries, isAnswered, lost)}</p>
    </dialog>
  );
}

function statusOf(entries, isAnswered, lost) {
  if (lost) return `Trades are not searched: ${lost.message}.`;
  if (!isAnswered) return "Searching the trades…";
  if (!entries.length) return "Nothing found. A trade is found by its whole id.";
  return `${format.plural(entries.length, "place")}: Enter opens, arrows choose, Escape closes. Days: 2026-11-24, 24.11., yesterday, mon.`;
}
