// The state of a file day as a word, a sign and a tone (good, calm, warn, bad) that the day view uses too.

import { today } from "../days.js";
import { DAILY, isDue, isExpected } from "./feeds.js";

const STATES = {
  imported: { words: "Imported", sign: "✓", tone: "good" },
  corrected: { words: "Corrected", sign: "↻", tone: "calm" },
  provisional: { words: "Provisional", sign: "!", tone: "warn" },
  importing: { words: "Importing", sign: "…", tone: "warn" },
  held: { words: "Held", sign: "‖", tone: "bad" },
  waiting: { words: "Waiting", sign: "◔", tone: "bad" },
  late: { words: "Late", sign: "◕", tone: "bad" },
  missing: { words: "Missing", sign: "✕", tone: "bad" },
  rejected: { words: "Rejected", sign: "✕", tone: "bad" },
  absent: { words: "No file", sign: "∅", tone: "calm" },
  before: { words: "Before the first file", sign: "·", tone: "calm" },
  none: { words: "Not due yet", sign: "·", tone: "calm" },
  unexpected: { words: "Not expected", sign: "·", tone: "calm" },
};

const inWords = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
export const stateNamed = (name) => ({ name, ...(STATES[name] ?? { words: inWords(name), sign: "?", tone: "warn" }) });

export const isBooked = ({ state }) => state === "imported" || state === "provisional";
export const hasOpenRows = ({ quarantined, accepted_at }) => quarantined > 0 && !accepted_at;
export const isUnconfirmed = ({ withdrawn, confirmed_at }) => withdrawn > 0 && !confirmed_at;

// A file counts as that of its day if at least half of its good rows were executed on it.
const isOfOtherDays = ({ rows, quarantined, other_rows = 0 }) => 2 * other_rows > rows - quarantined;

// Without a receipt: the file is missing if delivery days wait for it.
function stateWithout(feed, day) {
  if (feed === null || feed.name === DAILY) return stateNamed(day < today() ? "missing" : "none");
  if (!isExpected(feed, day)) return stateNamed("unexpected");
  if (!isDue(feed, day)) return stateNamed(day < today() && feed.deadline === null ? "absent" : "none");
  return stateNamed(feed.required ? "missing" : "absent");
}

// The same rules apply to a delivery day. An imported file is provisional while it has open points, and corrected if it or an
// earlier version changed trades. A file that is not booked is missing, unless an earlier version is booked.
export function stateOf(receipt, day = null, feed = null) {
  if (receipt === null) return stateWithout(feed, day);
  if (receipt.state === "imported" && (isUnconfirmed(receipt) || hasOpenRows(receipt) || isOfOtherDays(receipt))) return stateNamed("provisional");
  if (receipt.state === "imported" && (receipt.corrected > 0 || receipt.confirmed_at || receipt.changed_before)) return stateNamed("corrected");
  const state = stateNamed(receipt.state);
  const isAwaited = receipt.state === "waiting" && receipt.file_day >= today();
  return state.tone === "bad" && (receipt.standing_version || isAwaited) ? { ...state, tone: "warn" } : state;
}
