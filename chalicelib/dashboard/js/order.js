// The order of a table's rows: by the exact value of a column, what is unknown last. A named table keeps it in this tab.

import { useMemo, useState } from "preact/hooks";
import { scaled } from "./exact.js";
import * as format from "./format.js";

// No amount of the page has more decimals.
const PLACES = 10;
const KEPT = "voltbook.order.";

function kept(table) {
  try {
    const { name, isDown } = JSON.parse(sessionStorage.getItem(KEPT + table));
    return typeof name === "string" ? { name, isDown: isDown === true } : null;
  } catch {
    return null; // nothing was kept, or the browser refuses storage
  }
}

function keep(table, order) {
  try {
    if (order === null) sessionStorage.removeItem(KEPT + table);
    else sessionStorage.setItem(KEPT + table, JSON.stringify(order));
  } catch {
    // the order then ends with a reload
  }
}

// A column's `sort` is used in place of the text that it shows.
function keyOf(column, row, isUnknown) {
  const value = (column.sort ?? column.of)(row);
  if (value === null || value === undefined || value === "" || (!column.text && !column.lasting && isUnknown?.(row))) return null;
  return column.text ? value : scaled(String(value), PLACES);
}

function compared(a, b) {
  if (typeof a === "string" && typeof b === "string") return format.compared(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function inOrder(rows, columns, order, isUnknown) {
  const column = order && columns.find(({ name }) => name === order.name);
  if (!column) return rows;
  const keyed = rows.map((row) => ({ key: keyOf(column, row, isUnknown), row }));
  const known = keyed.filter(({ key }) => key !== null).sort((a, b) => (order.isDown ? compared(b.key, a.key) : compared(a.key, b.key)));
  return [...known, ...keyed.filter(({ key }) => key === null)].map(({ row }) => row);
}

// Upwards, downwards, and as the rows were given: `first` is then their order.
export function useOrder(table, first = null) {
  const [order, setOrder] = useState(() => (table && kept(table)) ?? first);
  const sort = (name) => {
    const isMine = order?.name === name;
    const next = !isMine ? { name, isDown: false } : order.isDown ? first : { name, isDown: true };
    if (table) keep(table, next);
    setOrder(next);
  };
  return [order, sort];
}

export function useRowsInOrder(rows, columns, order, isUnknown) {
  return useMemo(() => inOrder(rows, columns, order, isUnknown), [rows, order]);
}
