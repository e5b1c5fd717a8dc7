// The columns of a report's line, in the order of the API, with how each is shown.

import * as format from "./format.js";

const amount = (name, head, unit, show, more = {}) => ({ name, head, unit, show, of: (line) => line[name] ?? null, ...more });

export const PNL = amount("pnl_eur", "PnL", "EUR", format.pnl, { tone: true });
export const TRADES = amount("trades", "Trades", "", format.count);
export const BUY_MW = amount("buy_mw", "Buy", "MW", format.energy);
export const SELL_MW = amount("sell_mw", "Sell", "MW", format.energy);
export const BUY_MWH = amount("buy_mwh", "Bought", "MWh", format.energy);
export const SELL_MWH = amount("sell_mwh", "Sold", "MWh", format.energy);
export const TRADED_MWH = amount("traded_mwh", "Traded", "MWh", format.energy);
export const NET_MWH = amount("net_mwh", "Net", "MWh", format.netEnergy, { minor: true });
export const VWAP_BUY = amount("vwap_buy", "VWAP buy", "EUR/MWh", format.price);
export const VWAP_SELL = amount("vwap_sell", "VWAP sell", "EUR/MWh", format.price);
export const EUR_PER_MWH = amount("eur_per_mwh", "PnL", "EUR/MWh", format.pnl, { tone: true, minor: true });
export const REFERENCE = amount("reference_price", "Reference", "EUR/MWh", format.price, { minor: true, lasting: true });
export const EDGE_BUY = amount("edge_buy", "Edge buy", "EUR/MWh", format.pnl, { tone: true, minor: true });
export const EDGE_SELL = amount("edge_sell", "Edge sell", "EUR/MWh", format.pnl, { tone: true, minor: true });

export const HOUR_COLUMNS = [TRADES, BUY_MW, SELL_MW, NET_MWH, VWAP_BUY, VWAP_SELL, REFERENCE, EDGE_BUY, EDGE_SELL, PNL];
export const LABEL = { name: "label", head: "", of: (line) => line.label, text: true };
