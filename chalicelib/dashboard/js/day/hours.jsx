// The hourly table: all hours of the day, their total, and on a click the trades of an hour.

import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { HOUR_COLUMNS } from "../columns.js";
import { inShort, isUnknownLine } from "../completeness.js";
import * as format from "../format.js";
import { useOrder, useRowsInOrder } from "../order.js";
import { Cell, Head, Scroller } from "../table.jsx";

const HOUR = { name: "label", head: "Hour", terms: [], text: true, of: (line) => line.start };
const SORTED = [HOUR, ...HOUR_COLUMNS];

function Label({ line, isOpen, onPick }) {
  const doubled = line.hours_in_period > 1;
  return (
    <th scope="row">
      <button type="button" class="row-button" aria-expanded={isOpen} disabled={!line.trades} onClick={onPick}>
        {format.slot(line.label)}
        {doubled && (
          <span class="tag" title="The clocks go back: this hour comes twice (2A and 2B), and both are in this row">
            2×
          </span>
        )}
      </button>
    </th>
  );
}

export function Hours({ day, openHour, onPick, drill }) {
  // Scrolls to an hour that a link or a chart opened.
  const opened = useRef(null);
  const isUnknown = isUnknownLine(day.completeness);
  const [order, sort] = useOrder("hours");
  const lines = useRowsInOrder(day.periods, SORTED, order, isUnknown);
  useEffect(() => opened.current?.scrollIntoView({ block: "nearest" }), [openHour]);
  return (
    <Scroller label="PnL by delivery hour">
      <table class="hours">
        <caption class="unseen">{`PnL by delivery hour on ${format.day(day.delivery_day)}, Berlin time`}</caption>
        <Head first={HOUR} columns={HOUR_COLUMNS} order={order} onSort={sort} />
        <tbody>
          {lines.map((line) => {
            const isOpen = line.label === openHour;
            const pick = () => onPick(isOpen ? null : line.label);
            return (
              <Fragment key={line.label}>
                <tr class={`${line.trades ? "has-trades" : "empty"} ${isOpen ? "open" : ""}`} title={line.trades ? undefined : inShort(day.completeness)} data-hour={line.label} ref={isOpen ? opened : null}>
                  <Label line={line} isOpen={isOpen} onPick={pick} />
                  {HOUR_COLUMNS.map((column) => (
                    <Cell key={column.name} column={column} row={line} isUnknown={isUnknown(line)} />
                  ))}
                </tr>
                {isOpen && line.trades > 0 && (
                  <tr class="detail">
                    <td colSpan={HOUR_COLUMNS.length + 1}>{drill(line)}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
        <tfoot>
          <tr data-hour="Total">
            <th scope="row">Total</th>
            {HOUR_COLUMNS.map((column) => (
              <Cell key={column.name} column={column} row={day.total} isUnknown={isUnknown(day.total)} />
            ))}
          </tr>
        </tfoot>
      </table>
    </Scroller>
  );
}
