// The traders of a range side by side.

import { useState } from "preact/hooks";
import { CARD_COLUMNS } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { TraderLink } from "../day/traders.jsx";
import * as format from "../format.js";
import { Table } from "../table.jsx";

// The day of a PnL is shown after it.
const dayOf = (name) => ({
  name: `${name}_on`,
  head: "on",
  text: true,
  of: (card) => card[name]?.delivery_day ?? "",
  link: (card) => (card[name] ? format.dayShort(card[name].delivery_day) : "–"),
});
const COLUMNS = CARD_COLUMNS.filter(({ kind }) => kind !== "day").flatMap((column) =>
  column.inside ? [{ ...column, name: column.inside }, dayOf(column.inside)] : [column],
);

const ORDERS = { PnL: "pnl_eur", "Hit rate": "hit_rate_percent", Trades: "trades", Drawdown: "max_drawdown_eur" };

export function Scorecard({ scorecard, file, mayChoose }) {
  const [order, setOrder] = useState("PnL");
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (card) => card.trader_id ?? "Total",
    link: (card) => (card.trader_id !== null && mayChoose ? <TraderLink id={card.trader_id} /> : undefined),
  };
  const columns = [name, ...COLUMNS];
  const by = ORDERS[order];
  // Floats are exact enough for sorting.
  const inOrder = [...scorecard.traders].sort((a, b) => Number(b[by] ?? -Infinity) - Number(a[by] ?? -Infinity));
  const rows = scorecard.traders.length > 1 ? [...inOrder, scorecard.total] : inOrder;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>Trader scorecard</h2>
        <div class="tools">
          {scorecard.traders.length > 1 && (
            <label class="field inline">
              <span>Sort by</span>
              <select value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
                {Object.keys(ORDERS).map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          )}
          <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label="Trader scorecard: save as CSV">CSV</button>
        </div>
      </header>
      {rows.length ? (
        <Table caption="Trader scorecard" columns={columns} rows={rows} keyOf={(card) => card.trader_id ?? "\n"} tall />
      ) : (
        <p class="nothing">{nothingTraded(scorecard.completeness)}</p>
      )}
    </section>
  );
}
