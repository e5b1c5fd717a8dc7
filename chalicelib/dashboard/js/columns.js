// The columns of the page's tables, in the order of the API, with the format of each kind.

import { CARD, LINE } from "./catalogue.js";
import * as format from "./format.js";

const SHOW = {
  count: format.count,
  power: format.energy,
  energy: format.energy,
  money: format.price,
  price: format.price,
  percent: format.price,
};
const SHOW_SIGNED = { energy: format.netEnergy, money: format.pnl, price: format.pnl };
// Columns of a higher rank are hidden on narrow screens.
const LAST_TO_STAY = 2;

const read = (row, [first, second]) => (second ? row[first]?.[second] : row[first]) ?? null;

const columnOf = ({ name, kind, unit = "", rank = 0, signed, lasting, inside, views }, view) => ({
  name,
  head: views[view],
  unit,
  show: (signed && SHOW_SIGNED[kind]) || SHOW[kind],
  of: (row) => read(row, inside ?? [name]),
  tone: signed && kind !== "energy",
  minor: view === "hours" && rank > LAST_TO_STAY,
  lasting,
  terms: name === "pnl_eur" ? [name, "realised"] : [name],
  kind,
  inside: inside?.[0],
});

const shownIn = (columns, view) => columns.filter(({ views }) => view in views).map((column) => columnOf(column, view));
const isPnl = ({ name }) => name === "pnl_eur";
const others = (columns) => columns.filter((column) => !isPnl(column));

const hours = shownIn(LINE, "hours");
const cards = shownIn(CARD, "cards");
const of = (name) => hours.find((column) => column.name === name);

export const PNL = of("pnl_eur");
export const TRADES = of("trades");
export const BUY_MW = of("buy_mw");
export const SELL_MW = of("sell_mw");

// PnL is the last column of the hours and the first one of the cards.
export const HOUR_COLUMNS = [...others(hours), PNL];
const traders = shownIn(LINE, "traders");
// Where there is little room, the columns that others imply give way.
const ROOM = { trades: "roomy", buy_mwh: "roomier", sell_mwh: "roomier", traded_mwh: "roomy", net_mwh: "roomish" };
export const TRADER_COLUMNS = [...others(traders), ...traders.filter(isPnl)].map((column) => ({ ...column, minor: ROOM[column.name] ?? false }));
export const CARD_COLUMNS = [...cards.filter(isPnl), ...others(cards)];
export const LABEL = { name: "label", head: "", of: (line) => line.label, words: format.slot, text: true };
