// The columns of trades in the v1 form.

import { cashOf, eur } from "../exact.js";
import * as format from "../format.js";

const cents = (price) => eur(BigInt(price));

const TIME = { name: "execution_time", head: "Executed (Berlin)", text: true, of: (trade) => format.executed(trade.execution_time), sort: (trade) => Date.parse(trade.execution_time) };
const TRADER = { name: "trader_id", head: "Trader", text: true, of: (trade) => trade.trader_id };
const REST = [
  { name: "direction", head: "Side", text: true, of: (trade) => trade.direction },
  { name: "quantity", head: "Quantity", unit: "MW", of: (trade) => trade.quantity, show: format.count },
  { name: "price", head: "Price", unit: "EUR/MWh", of: (trade) => cents(trade.price), show: format.price },
  { name: "cash", head: "Cash", unit: "EUR", of: (trade) => eur(cashOf(trade)), show: format.pnl, tone: true },
  { name: "id", head: "Trade", text: true, of: (trade) => trade.id },
];
const EXACT_TIME = { ...TIME, head: "Executed (UTC)", of: (trade) => trade.execution_time };

export const tradeColumns = (ofDesk) => [TIME, ...(ofDesk ? [TRADER] : []), ...REST];
export const exactColumns = (ofDesk) => [EXACT_TIME, ...(ofDesk ? [TRADER] : []), ...REST];
