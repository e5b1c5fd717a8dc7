// A table of exact amounts: each cell shows its number in the reader's locale and has the exact text as its value.
//
// columns: [{ name, head, unit, of(row), show(value), tone, text, prose, minor }]; `tone` colours gains and losses, which
// also have their sign; `prose` is text that wraps and is never cut; `minor` columns are hidden on narrow screens.

import { isNegative, isZero } from "./exact.js";
import { NONE } from "./format.js";

export function toneOf(amount) {
  if (amount === null || amount === undefined || isZero(amount)) return "";
  return isNegative(amount) ? "loss" : "gain";
}

const nothing = () => NONE;

export function Amount({ value, show, tone }) {
  return (
    <data value={String(value ?? "")} class={tone ? toneOf(value) : ""}>
      {show(value)}
    </data>
  );
}

const kindOf = ({ text, prose, minor }) =>
  ["num", "text", "prose"][text ? (prose ? 2 : 1) : 0] + (minor ? " minor" : "");

// In a row of unknown amounts, columns that do not depend on trades (`lasting`) are shown.
export function Cell({ column, row, isUnknown = false }) {
  const value = column.of(row);
  const kind = kindOf(column);
  return (
    <td class={kind} data-name={column.name} title={column.text && !column.prose ? value : undefined}>
      {column.link?.(row) ?? (column.text ? value : <Amount value={value} show={isUnknown && !column.lasting ? nothing : column.show} tone={column.tone} />)}
    </td>
  );
}

export function Head({ columns, first }) {
  return (
    <thead>
      <tr>
        {first && <th scope="col">{first}</th>}
        {columns.map((column) => (
          <th scope="col" key={column.name} class={kindOf(column)}>
            {column.head}
            {column.unit ? <span class="unit"> {column.unit}</span> : null}
          </th>
        ))}
      </tr>
    </thead>
  );
}

// A scrolling region can have the focus, so that the keyboard can scroll it.
export function Scroller({ label, tall, children }) {
  return (
    <div class={`scroller${tall ? " tall" : ""}`} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

export function Table({ caption, columns, rows, keyOf, tall, isUnknown }) {
  return (
    <Scroller label={caption} tall={tall}>
      <table>
        <caption class="unseen">{caption}</caption>
        <Head columns={columns} />
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf ? keyOf(row) : index}>
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} isUnknown={isUnknown?.(row)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
