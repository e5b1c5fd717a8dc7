// The metrics of a range: each returns its exact text for a line, or null if it does not exist; `unknown` says why.

import { hasFees } from "../columns.js";
import { isZero, sum } from "../exact.js";
import * as format from "../format.js";

// The edge of purchases and sales in EUR; null if a side with energy has no reference price: never partial.
function edge(line) {
  const sides = [
    [line.buy_mwh, line.edge_buy_eur ?? null],
    [line.sell_mwh, line.edge_sell_eur ?? null],
  ].filter(([energy]) => !isZero(energy));
  if (!sides.length || sides.some(([, worth]) => worth === null)) return null;
  return sum(sides.map(([, worth]) => worth));
}

const ofTraded = (of) => (line) => (line.trades ? of(line) : null);

const UNPRICED = "without a reference price";

export const METRIC = {
  total: { name: "Total", unit: "EUR", of: ofTraded((line) => line.total_eur), show: format.pnl, tone: true, unknown: UNPRICED },
  pnl: { name: "Cash", unit: "EUR", of: ofTraded((line) => line.pnl_eur), show: format.pnl, tone: true },
  realised: { name: "Realised", unit: "EUR", of: ofTraded((line) => line.realised_eur), show: format.pnl, tone: true },
  open: { name: "Open", unit: "EUR", of: ofTraded((line) => line.unrealised_eur), show: format.pnl, tone: true, unknown: UNPRICED },
  fees: { name: "Fees", unit: "EUR", of: ofTraded((line) => (hasFees(line) ? line.fees_eur : null)), show: format.price, unknown: "without a rate of fees" },
  mwh: { name: "Energy traded", unit: "MWh", of: ofTraded((line) => sum([line.buy_mwh, line.sell_mwh])), show: format.energy },
  trades: { name: "Trades", unit: "", of: ofTraded((line) => String(line.trades)), show: format.count },
  edge: { name: "Edge", unit: "EUR", of: edge, show: format.pnl, tone: true, unknown: UNPRICED },
};

export const titled = ({ name, unit }) => (unit ? `${name}, ${unit}` : name);
