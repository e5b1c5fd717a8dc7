// The table of open positions: two delivery days by quarter-hour, or by hour with the quarter-hours inside.

import { Fragment } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { plusDays } from "../days.js";
import * as format from "../format.js";
import { inOrder, useOrder } from "../order.js";
import { Head, Scroller, toneOf } from "../table.jsx";
import { RowTrades } from "../trades/row.jsx";
import { BUY_VWAP, PRICE, SELL_VWAP } from "./market.jsx";
import { WINDOWS, contains, isNow, keyOf, labelOf, windowOf } from "./slots.js";

const ROWS_BEFORE = 4;
const minor = (column, ...terms) => ({ ...column, terms, minor: true });
export const DELIVERY = { name: "start", head: "Delivery", terms: [], text: true, of: (row) => row.start };

export const COLUMNS = [
  { name: "buy_mw", head: "Bought", unit: "MW", terms: ["power"], of: (row) => row.buy_mw, show: format.energy, minor: true },
  minor(BUY_VWAP, "vwap_buy_eur_mwh"),
  { name: "sell_mw", head: "Sold", unit: "MW", terms: ["power"], of: (row) => row.sell_mw, show: format.energy, minor: true },
  minor(SELL_VWAP, "vwap_sell_eur_mwh"),
  { name: "net_mw", head: "Net", unit: "MW", terms: ["net_mw", "power"], of: (row) => row.net_mw, show: format.netEnergy },
  { name: "open_mwh", head: "Open", unit: "MWh", of: (row) => row.open_mwh, show: format.netEnergy },
  minor(PRICE, "reference"),
  { name: "cash_eur", head: "Cash", unit: "EUR", terms: ["cash"], of: (row) => row.cash_eur, show: format.pnl, tone: true },
];

const SORTED = [DELIVERY, ...COLUMNS];

// The power of different periods does not add up to a power of the day.
const DAY_COLUMNS = COLUMNS.map((column) => (column.unit === "MW" ? { ...column, of: () => null } : column));

// How often each value has changed since it was first shown.
function useChangesOf(values) {
  const shown = useRef({ values, changes: values.map(() => 0) });
  const { values: before, changes } = shown.current;
  if (values.some((value, index) => value !== before[index])) {
    shown.current = { values, changes: changes.map((count, index) => count + (values[index] === before[index] ? 0 : 1)) };
  }
  return shown.current.changes;
}

// A number that has changed is a new element, whose animation runs once.
function Cells({ row, columns = COLUMNS }) {
  const values = columns.map((column) => column.of(row));
  const changes = useChangesOf(values);
  return columns.map((column, index) => (
    <td key={column.name} class={`num${column.minor ? " minor" : ""}`} data-name={column.name}>
      <data
        key={changes[index]}
        value={String(values[index] ?? "")}
        class={`${column.tone ? toneOf(values[index]) : ""} ${changes[index] ? "changed" : ""}`}
      >
        {column.show(values[index])}
      </data>
    </td>
  ));
}

function State({ name }) {
  const { words, sign } = WINDOWS[name];
  return (
    <span class={`window ${name}`} title={words}>
      <span aria-hidden="true">{sign}</span> <span class="word">{words}</span>
    </span>
  );
}

function Row({ row, now, isOpen, isInner, onPick }) {
  const state = windowOf(row, now);
  const current = isNow(row, now);
  const key = keyOf(row);
  return useMemo(
    () => (
      <tr
        class={`${row.trades ? "has-trades" : "empty"} ${isOpen ? "open" : ""} ${isInner ? "inner" : ""} ${current ? "now" : ""}`}
        data-slot={key}
        data-window={state}
        aria-current={current ? "time" : undefined}
      >
        <th scope="row">
          {onPick ? (
            <button type="button" class="row-button" aria-expanded={isOpen} disabled={!row.trades && row.minutes === 15} onClick={() => onPick(key)}>
              {labelOf(row)}
            </button>
          ) : (
            <span class="row-label">{labelOf(row)}</span>
          )}
          <State name={state} />
        </th>
        <Cells row={row} />
      </tr>
    ),
    [JSON.stringify(row), state, current, isOpen],
  );
}

function Detail({ children }) {
  return (
    <tr class="detail">
      <td colSpan={COLUMNS.length + 1}>{children}</td>
    </tr>
  );
}

function DayName({ of: { quarters }, name }) {
  return (
    <th scope="rowgroup">
      {name} <span class="note">{`all ${quarters.length} quarter-hours`}</span>
    </th>
  );
}

// `open` is the key of the opened row: of an hour, or of a quarter-hour, whose hour is then open too.
function DayRows({ of, grain, open, order, now, pick, drill, name }) {
  const quarter = (row, isInner, onClose) => {
    const isOpen = open === keyOf(row);
    return (
      <Fragment key={keyOf(row)}>
        <Row {...{ row, now, isOpen, isInner }} onPick={(key) => pick(isOpen ? onClose : key)} />
        {isOpen && row.trades > 0 && <Detail>{drill(of, row)}</Detail>}
      </Fragment>
    );
  };
  const hour = (row) => {
    const inside = of.quarters.filter((one) => contains(row, one));
    const isOpen = open === keyOf(row) || inside.some((one) => open === keyOf(one));
    return (
      <Fragment key={keyOf(row)}>
        <Row {...{ row, now, isOpen }} onPick={(key) => pick(isOpen ? null : key)} />
        {isOpen && inside.map((one) => quarter(one, true, keyOf(row)))}
      </Fragment>
    );
  };
  return (
    <tbody>
      <tr class="day" data-day={of.day}>
        <DayName {...{ of, name }} />
        <Cells row={of.total} columns={DAY_COLUMNS} />
      </tr>
      {inOrder(grain === 60 ? of.hours : of.quarters, SORTED, order).map(grain === 60 ? hour : (row) => quarter(row, false, null))}
    </tbody>
  );
}

export const nameOf = (day, today) => ({ [today]: "today", [plusDays(today, 1)]: "tomorrow" })[day] ?? format.dayShort(day);
const asHeading = (name) => name.charAt(0).toUpperCase() + name.slice(1);

export function Positions({ days, trader, today, grain, open, now, pick, client, ofDesk, refresh }) {
  const frame = useRef(null);
  const [order, sort] = useOrder("positions");
  const whose = `${trader} ${days[0].day} ${grain}`;
  // The row that a link opens is in sight, or the slot in delivery with a few before it.
  useEffect(() => {
    const scroller = frame.current.querySelector(".scroller");
    const row = frame.current.querySelector("tr.open") ?? frame.current.querySelector("tr.now");
    if (!row) return;
    let above = row;
    for (let count = 0; count < ROWS_BEFORE && above.previousElementSibling?.dataset.slot; count++) above = above.previousElementSibling;
    const covered = scroller.querySelector("thead").offsetHeight + scroller.querySelector("tr.day").offsetHeight;
    scroller.scrollTop = above.offsetTop - covered;
  }, [whose]);
  const drill = (of, row) => <RowTrades {...{ client, row, trader, ofDesk, refresh }} day={of.day} />;
  return (
    <div ref={frame}>
      <Scroller label="Open positions" tall>
        <table class="hours slots">
          <caption class="unseen">{`Open positions by ${grain === 60 ? "hour" : "quarter-hour"}, Berlin time`}</caption>
          <Head first={DELIVERY} columns={COLUMNS} order={order} onSort={sort} />
          {days.map((of) => (
            <DayRows key={`${trader} ${of.day}`} {...{ of, grain, open, order, now, pick, drill }} name={asHeading(nameOf(of.day, today))} />
          ))}
        </table>
      </Scroller>
    </div>
  );
}

// A screen on the wall shows the hours from now on, without anything to press.
export function Coming({ days, today, now, most }) {
  const rows = days.flatMap((of) => of.hours.map((row) => ({ of, row }))).filter(({ row }) => windowOf(row, now) !== "delivered").slice(0, most);
  return (
    <table class="hours slots">
      <caption class="unseen">Open positions of the coming hours, Berlin time</caption>
      <Head first={DELIVERY} columns={COLUMNS} />
      {days.map((of) => (
        <tbody key={of.day}>
          {rows.some((one) => one.of === of) && (
            <tr class="day" data-day={of.day}>
              <DayName of={of} name={asHeading(nameOf(of.day, today))} />
              <Cells row={of.total} columns={DAY_COLUMNS} />
            </tr>
          )}
          {rows.filter((one) => one.of === of).map(({ row }) => <Row key={keyOf(row)} {...{ row, now }} isOpen={false} />)}
        </tbody>
      ))}
    </table>
  );
}
