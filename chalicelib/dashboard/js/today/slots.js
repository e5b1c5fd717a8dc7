// The rows of a delivery day: what can be done with them now, and what their trades add up to.

import { scaled, sum, unscaled } from "../exact.js";
import { slot } from "../format.js";

const MINUTE = 60_000;

// The rule of GET /v2/positions, the same for every venue: the book knows no lead times of its own for any of them.
const LEAD_MINUTES = 5;
const CLOSING_MINUTES = 60;

// Never by colour alone: each has a sign and a word. `means` is said beside it.
export const WINDOWS = {
  open: { words: "Tradable", sign: "○", means: `more than ${CLOSING_MINUTES} minutes before delivery` },
  closing: { words: "Closing", sign: "◔", means: `${CLOSING_MINUTES} to ${LEAD_MINUTES} minutes before delivery` },
  closed: { words: "Closed", sign: "●", means: `the last ${LEAD_MINUTES} minutes before delivery, and delivery` },
  delivered: { words: "Delivered", sign: "✓", means: "delivery is over" },
};

export const startOf = ({ start }) => Date.parse(start);
export const endOf = ({ start, minutes }) => Date.parse(start) + minutes * MINUTE;
export const keyOf = ({ start, minutes }) => `${start.slice(0, 16)}Z/${minutes}`;
export const isNow = (row, now) => startOf(row) <= now && now < endOf(row);
export const contains = (outer, inner) => startOf(outer) <= startOf(inner) && endOf(inner) <= endOf(outer);
export const labelOf = ({ label }) => slot(label);

export const priceOf = ({ reference }) => reference?.price_eur_mwh ?? null;

// The reference price as the points of a line: from the start to the end of each slot, as a price slopes to no other. A slot
// without a price breaks the line.
export function priceSteps(slots) {
  return slots.flatMap((slot) => {
    const price = priceOf(slot);
    return price === null ? [[startOf(slot), null]] : [[startOf(slot), Number(price)], [endOf(slot), Number(price)]];
  });
}

// The mean price of one side as a dash for each slot with trades: those of two slots are not joined.
export function vwapDashes(slots, side) {
  return slots.flatMap((slot) => {
    const price = slot[`vwap_${side}_eur_mwh`];
    return price === null ? [] : [[startOf(slot), Number(price)], [endOf(slot), Number(price)], [endOf(slot), null]];
  });
}

// The power of one side by slot, sales downwards.
export function powerSteps(slots, side) {
  const power = (slot) => Number(slot[`${side}_mw`]) * (side === "sell" ? -1 : 1);
  return slots.flatMap((slot) => [[startOf(slot), power(slot)], [endOf(slot), power(slot)]]);
}

// By the clock of the page: it moves on between two answers and without a connection.
export function windowOf(row, now) {
  if (now >= endOf(row)) return "delivered";
  const left = (startOf(row) - now) / MINUTE;
  if (left <= LEAD_MINUTES) return "closed";
  return left <= CLOSING_MINUTES ? "closing" : "open";
}

export const isTradable = (row, now) => ["open", "closing"].includes(windowOf(row, now));

// What is open in rows: { mwh, rows, open }.
function openVolume(rows) {
  const open = rows.filter((row) => scaled(row.open_mwh, 6) !== 0n);
  return { mwh: sum(rows.map((row) => row.open_mwh)), rows: rows.length, open: open.length };
}

// What is open in the next rows that can still be traded, at most `most`.
export const stillOpen = (rows, now, most) => openVolume(rows.filter((row) => isTradable(row, now)).slice(0, most));

// The power of an hour is the mean of its quarter-hours, which is its energy: the API adds up that of its positions.
export const withMeanPower = (hour) => ({ ...hour, buy_mw: hour.buy_mwh, sell_mw: hour.sell_mwh, net_mw: hour.open_mwh });

const minutesIn = (trade, row) =>
  Math.max(0, Math.min(endOf(row), Date.parse(trade.delivery_end)) - Math.max(startOf(row), Date.parse(trade.delivery_start))) / MINUTE;

export const deliversIn = (trade, row) => minutesIn(trade, row) > 0;

// Energy in hundred-thousandths of a MWh, which a quarter-hour of a kW divides into exactly.
const energyOf = (trade, row) => (scaled(trade.quantity_mw, 3) * BigInt(minutesIn(trade, row)) * 5n) / 3n;
const cashOf = (trade, row) => {
  const cash = scaled(trade.price_eur_mwh, 2) * scaled(trade.quantity_mw, 3) * BigInt(minutesIn(trade, row));
  return trade.direction === "sell" ? cash : -cash;
};

// Rounds to eurocent as the API does: halves away from zero.
function eur(cash) {
  const away = cash < 0n ? -cash : cash;
  const cents = (2n * away + 60_000n) / 120_000n;
  const text = String(cents).padStart(3, "0");
  return `${cash < 0n && cents ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
}

export const cashIn = (trade, row) => eur(cashOf(trade, row));

// The sum of trades within a row, with the names of a row.
export function sumOf(trades, row) {
  const energy = (direction) =>
    unscaled(trades.filter((one) => one.direction === direction).reduce((total, one) => total + energyOf(one, row), 0n), 5);
  return {
    trades: trades.length,
    buy_mwh: energy("buy"),
    sell_mwh: energy("sell"),
    cash_eur: eur(trades.reduce((total, one) => total + cashOf(one, row), 0n)),
  };
}
