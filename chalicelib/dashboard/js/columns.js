// The columns of the page's tables, in the order of the API, with the format of each kind.

import { CARD, LINE } from "./catalogue.js";
import { isZero } from "./exact.js";
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
const LAST_TO_STAY = 0;

const SPARE = new Set(["vwap_buy", "vwap_sell"]);

const read = (row, [first, second]) => (second ? row[first]?.[second] : row[first]) ?? null;

const columnOf = ({ name, kind, unit = "", rank = 0, signed, lasting, inside, views }, view) => ({
  name,
  head: views[view],
  unit,
  show: (signed && SHOW_SIGNED[kind]) || SHOW[kind],
  of: (row) => read(row, inside ?? [name]),
  tone: signed && kind !== "energy",
  minor: view === "hours" && (SPARE.has(name) ? "minor spare" : rank > LAST_TO_STAY),
  lasting,
  terms: [name],
  kind,
  inside: inside?.[0],
});

const shownIn = (columns, view) => columns.filter(({ views }) => view in views).map((column) => columnOf(column, view));

// What was made, from what has come in to what it is worth.
const MADE = ["fees_eur", "net_pnl_eur", "pnl_eur", "realised_eur", "unrealised_eur", "total_eur"];
const placeOf = ({ name }) => MADE.indexOf(name);
const others = (columns) => columns.filter((column) => placeOf(column) < 0);
const made = (columns) => columns.filter((column) => placeOf(column) >= 0).sort((one, other) => placeOf(one) - placeOf(other));

const hours = shownIn(LINE, "hours");
const cards = shownIn(CARD, "cards");
const of = (name) => hours.find((column) => column.name === name);

export const TOTAL = of("total_eur");
export const MADE_OF_HOURS = ["pnl_eur", "realised_eur", "unrealised_eur", "total_eur"].map(of);
export const TRADES = of("trades");
export const BUY_MWH = of("buy_mwh");
export const SELL_MWH = of("sell_mwh");

// The total is the last column of lines and the first one of the scorecard.
export const HOUR_COLUMNS = [...others(hours), ...made(hours)];
const traders = shownIn(LINE, "traders");
// Where there is little room, the columns that others imply give way.
const ROOM = { trades: "roomy", buy_mwh: "roomier", sell_mwh: "roomier", traded_mwh: "roomier", net_mwh: "roomish", fees_eur: "roomier", net_pnl_eur: "roomier", realised_eur: "roomy" };
export const TRADER_COLUMNS = [...others(traders), ...made(traders)].map((column) => ({ ...column, minor: ROOM[column.name] ?? false }));
const [TOTAL_OF_CARDS, ...MORE_OF_CARDS] = made(cards).toReversed();
export const CARD_COLUMNS = [TOTAL_OF_CARDS, ...MORE_OF_CARDS.toReversed(), ...others(cards)];
export const LABEL = { name: "label", head: "", of: (line) => line.label, words: format.slot, text: true };

const OF_FEES = new Set(["fees_eur", "net_pnl_eur"]);
// Fees are known of the venues that have a rate; without any rate they are no figure.
export const hasFees = ({ fees_eur, venues_without_rate }) => !isZero(fees_eur) || !venues_without_rate.length;
export const withFees = (columns, total) => (total.trades && hasFees(total) ? columns : columns.filter(({ name }) => !OF_FEES.has(name)));
