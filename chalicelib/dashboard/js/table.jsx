// A table of exact amounts: each cell shows its number in the reader's locale and has the exact text as its value.
//
// columns: [{ name, head, unit, terms, of(row), sort(row), show(value), words(value), tone, text, prose, minor }]; `tone` colours
// gains and losses, which also have their sign; `words` is how a text is shown; `prose` is text that wraps and is never cut; `minor` columns are hidden on narrow
// screens; `terms` are the definitions of the heading, and `sort` what a column of text is sorted by.

import { isNegative, isZero } from "./exact.js";
import { NONE, count } from "./format.js";
import { useOrder, useRowsInOrder } from "./order.js";
import { defined } from "./terms.jsx";

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
  ["num", "text", "prose"][text ? (prose ? 2 : 1) : 0] + (minor ? ` ${minor === true ? "minor" : minor}` : "");

// On paper a text of one word, or of a date, stays in one line.
const LONGEST_LINE = 16;

// In a row of unknown amounts, columns that do not depend on trades (`lasting`) are shown.
export function Cell({ column, row, isUnknown = false }) {
  const value = column.of(row);
  const kind = kindOf(column);
  const shown = column.words && value ? column.words(value) : value;
  const isLong = column.text && String(shown).length > LONGEST_LINE;
  return (
    <td class={isLong ? `${kind} long` : kind} data-name={column.name} title={column.text && !column.prose ? shown : undefined}>
      {column.link?.(row) ?? (column.text ? shown : <Amount value={value} show={isUnknown && !column.lasting ? nothing : column.show} tone={column.tone} />)}
    </td>
  );
}

// The whole heading is a button that sorts, if the table does.
function Heading({ column, kind, order, onSort }) {
  const { name, head, unit, terms = [name] } = column;
  const words = (
    <>
      {head}
      {unit ? <span class="unit"> {unit}</span> : null}
    </>
  );
  const sort = ({ currentTarget }) => {
    currentTarget.closest(".scroller")?.scrollTo({ top: 0 });
    onSort(name);
  };
  const direction = order?.name === name ? (order.isDown ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" class={kind} aria-sort={direction}>
      {onSort && head ? (
        <button type="button" class="sort" onClick={sort} {...defined(...terms)}>
          {words}
        </button>
      ) : (
        words
      )}
    </th>
  );
}

// `first` is the column of the row's own heading.
export function Head({ columns, first, order, onSort, children }) {
  return (
    <thead>
      <tr>
        {first && <Heading column={first} {...{ order, onSort }} />}
        {columns.map((column) => (
          <Heading key={column.name} kind={kindOf(column)} {...{ column, order, onSort }} />
        ))}
        {children}
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

const ofSums = (column) => ({
  ...column,
  of: (sums) => sums[column.name] ?? (column.text ? "" : null),
  show: (value) => (value === null ? "" : column.show(value)),
  link: undefined,
});

// A table with a `name` keeps its order. A last row that stays in sight has the `total`, a row itself, or `sums` by the names
// of columns. Of more than `most` rows in their order the first are shown.
export function Table({ caption, name, first, columns, rows, total, sums, most = Infinity, keyOf, tall, isUnknown, classOf, actions }) {
  const [order, sort] = useOrder(name, first);
  const sorted = useRowsInOrder(rows, columns, order, isUnknown);
  const shown = sorted.slice(0, most);
  return (
    <>
      <Scroller label={caption} tall={tall}>
        <table>
          <caption class="unseen">{caption}</caption>
          <Head columns={columns} order={order} onSort={sort}>{actions && <th scope="col">Actions</th>}</Head>
          <tbody>
            {shown.map((row, index) => (
              <tr key={keyOf ? keyOf(row) : index} class={classOf?.(row)}>
                {columns.map((column) => (
                  <Cell key={column.name} column={column} row={row} isUnknown={isUnknown?.(row)} />
                ))}
                {actions && <td class="row-actions">{actions(row)}</td>}
              </tr>
            ))}
          </tbody>
          {(total ?? sums) && (
            <tfoot>
              <tr>
                {columns.map((column) => (
                  <Cell key={column.name} column={total ? column : ofSums(column)} row={total ?? sums} isUnknown={total && isUnknown?.(total)} />
                ))}
                {actions && <td />}
              </tr>
            </tfoot>
          )}
        </table>
      </Scroller>
      {rows.length > most && <p class="nothing">{`The first ${count(most)} of ${count(rows.length)} rows in this order; the CSV has all of them.`}</p>}
    </>
  );
}
