// What stands in the places of a view while it is read: its headings and what is being read, never a number.

import { LineCards } from "./cards.jsx";
import { Chart } from "./chart.jsx";
import { HOURS } from "./range/charts.js";

const ENERGY = { buy_mwh: "0", sell_mwh: "0", traded_mwh: "0" };
const blank = (label) => ({ label, start: label, trades: 0, hours_in_period: 1, ...ENERGY });
const COMPLETENESS = { state: "open", missing_files: [] };

// A day whose numbers are not known, for the parts that show one.
export const blankDay = (delivery_day) => ({ delivery_day, periods: HOURS.map(blank), total: blank("Total"), completeness: COMPLETENESS });

// A line whose edge covers all of its energy takes the most room.
const COVERED = [{ buy_mwh: "1", sell_mwh: "1", edge_buy_eur: "0", edge_sell_eur: "0" }];

export function BlankCards({ day, isRange }) {
  const hour = { ...blank(HOURS[0]), delivery_day: day };
  return <LineCards line={blank("Total")} lines={isRange ? COVERED : undefined} best={hour} worst={hour} completeness={COMPLETENESS} />;
}

const NONE = [];

export function BlankChart({ title, reading, marks, note, size }) {
  return <Chart title={title} summary={reading} draw={null} columns={NONE} rows={NONE} file="" waiting={reading} {...{ marks, note, size }} />;
}

// `children` are for the eye; a screen reader hears the one line that says what is read. It is seen where the view has a badge.
export function Skeleton({ title, whose, reading, hasBadge = true, children }) {
  return (
    <div class="skeleton">
      <div class="title">
        <h1>
          {title}
          <span class="whose">{whose}</span>
        </h1>
        <p class={hasBadge ? "badge" : "unseen"} role="status">{`Reading the book: ${reading}…`}</p>
      </div>
      <div class="shapes" aria-hidden="true" inert>{children}</div>
    </div>
  );
}
