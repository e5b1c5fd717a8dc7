// The hourly table: all hours of the day, their total, and on a click the trades of an hour.

import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { HOUR_COLUMNS, withFees } from "../columns.js";
import { inShort, isUnknownLine } from "../completeness.js";
import * as format from "../format.js";
import { useOrder, useRowsInOrder } from "../order.js";
import { Cell, Head, Scroller } from "../table.jsx";
import { isUnvalued, whyUnvalued } from "../value.js";

const HOUR = { name: "label", head: "Hour", terms: [], text: true, of: (line) => line.start };

function Label({ line, isOpen, onPick }) {
  return (
    <th scope="row">
      <button type="button" class="row-button" aria-expanded={isOpen} disabled={!line.trades} onClick={onPick}>
        {format.slot(line.label)}
      </button>
    </th>
  );
}

function noteOf(line, { completeness }) {
  if (!line.trades) return inShort(completeness);
  return isUnvalued(line) ? whyUnvalued(line) : undefined;
}

export function Hours({ day, openHour, onPick, drill }) {
  // Scrolls to an hour that a link or a chart opened.
  const opened = useRef(null);
  const isUnknown = isUnknownLine(day.completeness);
  const columns = withFees(HOUR_COLUMNS, day.total);
  const [order, sort] = useOrder("hours");
  const lines = useRowsInOrder(day.periods, [HOUR, ...columns], order, isUnknown);
  useEffect(() => opened.current?.scrollIntoView({ block: "nearest" }), [openHour]);
  return (
    <Scroller label="Value by delivery hour">
      <table class="hours">
        <caption class="unseen">{`Value by delivery hour on ${format.day(day.delivery_day)}, Berlin time`}</caption>
        <Head first={HOUR} columns={columns} order={order} onSort={sort} />
        <tbody>
          {lines.map((line) => {
            const isOpen = line.label === openHour || line.label === `${openHour} A`;
            const pick = () => onPick(isOpen ? null : line.label);
            return (
              <Fragment key={line.label}>
                <tr class={`${line.trades ? "has-trades" : "empty"} ${isOpen ? "open" : ""}`} title={noteOf(line, day)} data-hour={line.label} ref={isOpen ? opened : null}>
                  <Label line={line} isOpen={isOpen} onPick={pick} />
                  {columns.map((column) => (
                    <Cell key={column.name} column={column} row={line} isUnknown={isUnknown(line)} />
                  ))}
                </tr>
                {isOpen && line.trades > 0 && (
                  <tr class="detail">
                    <td colSpan={columns.length + 1}>{drill(line)}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
        <tfoot>
          <tr data-hour="Total">
            <th scope="row">Total</th>
            {columns.map((column) => (
              <Cell key={column.name} column={column} row={day.total} isUnknown={isUnknown(day.total)} />
            ))}
          </tr>
        </tfoot>
      </table>
    </Scroller>
  );
}
