// What a range can be looked at by: each metric gives its exact text of a line, or null where there is none.

import { isZero, sum } from "../exact.js";
import * as format from "../format.js";

// Both sides' edge in EUR; none where a side with energy lacks a reference price: never partial.
function edge(line) {
  const sides = [
    [line.buy_mwh, line.edge_buy_eur ?? null],
    [line.sell_mwh, line.edge_sell_eur ?? null],
  ].filter(([energy]) => !isZero(energy));
  if (!sides.length || sides.some(([, worth]) => worth === null)) return null;
  return sum(sides.map(([, worth]) => worth));
}

const ofTraded = (of) => (line) => (line.trades ? of(line) : null);

export const METRIC = {
  pnl: { name: "PnL", unit: "EUR", of: ofTraded((line) => line.pnl_eur), show: format.pnl, tone: true },
  mwh: { name: "Energy traded", unit: "MWh", of: ofTraded((line) => sum([line.buy_mwh, line.sell_mwh])), show: format.energy },
  trades: { name: "Trades", unit: "", of: ofTraded((line) => String(line.trades)), show: format.count },
  edge: { name: "Edge", unit: "EUR", of: edge, show: format.pnl, tone: true },
};

export const titled = ({ name, unit }) => (unit ? `${name}, ${unit}` : name);
