// The columns of a day's trades in the order of their execution.

import { periodText } from "../actions/slots.js";
import { cashInFull } from "../exact.js";
import * as format from "../format.js";

const TIME = { name: "execution_time", head: "Executed (Berlin)", text: true, of: (trade) => format.executed(trade.execution_time), sort: (trade) => Date.parse(trade.execution_time) };
const TRADER = { name: "trader_id", head: "Trader", text: true, of: (trade) => trade.trader_id };
const REST = [
  { name: "direction", head: "Side", text: true, of: (trade) => trade.direction },
  { name: "quantity_mw", head: "Quantity", unit: "MW", of: (trade) => trade.quantity_mw, show: format.energy },
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (trade) => trade.price_eur_mwh, show: format.price },
  { name: "cash_eur", head: "Cash", unit: "EUR", of: cashInFull, show: format.pnl, tone: true },
  { name: "period", head: "Delivery (Berlin)", text: true, of: periodText, sort: (trade) => `${trade.delivery_start} ${trade.delivery_end}` },
  { name: "id", head: "Trade", text: true, of: (trade) => trade.id },
];
const EXACT_TIME = { ...TIME, head: "Executed (UTC)", of: (trade) => trade.execution_time };

export const tradeColumns = (ofDesk) => [TIME, ...(ofDesk ? [TRADER] : []), ...REST];
export const exactColumns = (ofDesk) => [EXACT_TIME, ...(ofDesk ? [TRADER] : []), ...REST];
