// How a file day stands, in a word, a sign and a colour's name.

import { yesterday } from "../days.js";

const STATES = {
  imported: { words: "Imported", sign: "✓" },
  corrected: { words: "Corrected", sign: "↻" },
  provisional: { words: "Provisional", sign: "!" },
  importing: { words: "Importing", sign: "…" },
  waiting: { words: "Waiting", sign: "◔" },
  late: { words: "Late", sign: "⏰" },
  held: { words: "Held", sign: "‖" },
  rejected: { words: "Rejected", sign: "✕" },
  none: { words: "Nothing known", sign: "·" },
};

export function stateNamed(name) {
  return { name, ...(STATES[name] ?? { words: name, sign: "?" }) };
}

// A file that is in the book and changed trades there is a corrected one; the newest one may still be on its way.
export function stateOf(receipt, day = null) {
  if (receipt === null) return stateNamed(day !== null && day >= yesterday() ? "waiting" : "none");
  const changed = receipt.state === "imported" && (receipt.corrected > 0 || receipt.confirmed_at !== null);
  return stateNamed(changed ? "corrected" : receipt.state);
}
