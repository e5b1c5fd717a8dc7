// Texts for days without trades: "nothing was traded" is true only if every file is in the book.

import * as format from "./format.js";

const WHOLE = new Set(["complete", "corrected"]);

export const isKnown = ({ state }) => WHOLE.has(state);
export const isMissing = ({ state }) => state === "missing";

// A line without trades has zeros only if every file is in the book.
export const isUnknownLine = (completeness) => (line) => line.trades === 0 && !isKnown(completeness);

// The state with its reasons in one line of text.
export function stateInWords({ state, reasons }) {
  return reasons?.length ? `${state}: ${reasons.join("; ")}` : state;
}

// Shown instead of numbers that do not exist.
export function nothingTraded(completeness) {
  const { state, missing_files } = completeness;
  if (isKnown(completeness)) return "Nothing was traded.";
  if (state === "missing") return `The trades are not known: there is no usable daily file of ${format.dayList(missing_files)}.`;
  if (state === "open") return "Nothing is booked yet, and the day is not over.";
  return "Nothing is booked so far, and the data is not final.";
}

// The same in a few words, for a cell or a card.
export function inShort({ state }) {
  if (WHOLE.has(state)) return "nothing traded";
  if (state === "missing") return "not known: file missing";
  return state === "open" ? "nothing booked yet" : "nothing booked, not final";
}

const UNDER_WAY = "an import is running";

// Why the numbers of a day may still change, in a word or two; null for a final day.
export function notFinal({ state, reasons }) {
  if (WHOLE.has(state)) return null;
  const name = { open: "not over yet", missing: "file missing" }[state] ?? state;
  return reasons?.includes(UNDER_WAY) ? `${name}, ${UNDER_WAY}` : name;
}

const MOST_REASONS = 3;

// "Final, complete", or the state with its reasons.
export function finality(completeness) {
  const { state, missing_files, reasons = [] } = completeness;
  const missing = missing_files.length ? [`no usable daily file of ${format.dayList(missing_files)}`] : [];
  const more = reasons.length - MOST_REASONS;
  const why = [...missing, ...reasons.slice(0, MOST_REASONS), ...(more > 0 ? [`${format.count(more)} more`] : [])];
  return `${isKnown(completeness) ? "Final" : "Not final"}, ${state}${why.length ? `: ${why.join("; ")}` : ""}`;
}
