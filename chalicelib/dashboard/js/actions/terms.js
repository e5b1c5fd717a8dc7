// A trade of the full form in words, and its address.

import * as format from "../format.js";
import { periodText } from "./slots.js";

// A browser takes "." and ".." for steps between folders, however they are written.
export const hasPath = ({ id }) => id !== "." && id !== "..";
export const pathOf = ({ venue, id }) => `v2/trades/${encodeURIComponent(venue)}/${encodeURIComponent(id)}`;

export function termsOf(trade) {
  const more = [trade.area && `area ${format.area(trade.area)}`, trade.strategy && `strategy ${trade.strategy}`, trade.state !== "active" && trade.state].filter(Boolean);
  const period = `${format.dayShort(format.berlinDay(trade.delivery_start))} ${periodText(trade)}`;
  return [
    `${trade.direction} ${format.energy(trade.quantity_mw)} MW at ${format.price(trade.price_eur_mwh)} EUR/MWh`, period,
    trade.trader_id, `executed ${format.executed(trade.execution_time)}`, ...more,
  ].join(", ");
}
