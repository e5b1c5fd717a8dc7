// The changes of a file version, or of its acceptance: each trade with its terms before and after, and the effect.

import { termsOf as termsInFull } from "../actions/terms.js";
import * as format from "../format.js";

const KINDS = { stale: "stale, trade unchanged", kept: "missing, still booked", missing: "missing, still booked" };

const text = (name, head, of) => ({ name, head, text: true, of });

export const CHANGES = [
  text("kind", "Change", (change) => KINDS[change.kind] ?? change.kind),
  text("id", "Trade", (change) => change.id),
  text("line", "Line", (change) => (change.line === null ? "" : String(change.line))),
  text("trader_id", "Trader", (change) => [...new Set([change.old, change.new].filter(Boolean).map((one) => one.trader_id))].join(" → ")),
  { ...text("old", "Before", (change) => termsOf(change.old, change)), prose: true },
  { ...text("new", "Now", (change) => termsOf(change.new, change)), prose: true },
  { name: "effect_eur", head: "Effect", unit: "EUR", of: (change) => change.effect_eur ?? null, show: format.pnl, tone: true },
];

// The terms of a trade as text; with the execution time only if that changed.
function termsOf(trade, change) {
  if (!trade) return format.NONE;
  if ("quantity_mw" in trade) return termsInFull(trade);
  const words = `${trade.direction} ${format.count(trade.quantity)} MW at ${format.price(trade.price / 100)}, ${format.dayShort(trade.delivery_day)} ${format.hour(trade.delivery_hour)}`;
  const moved = change.old && change.new && change.old.execution_time !== change.new.execution_time;
  return moved ? `${words}, executed ${format.executed(trade.execution_time)}` : words;
}
