// The traders of a range side by side.

import { CARD_COLUMNS } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { TraderLink } from "../day/traders.jsx";
import * as format from "../format.js";
import { inOrder } from "../order.js";
import { Table } from "../table.jsx";

// The day of a PnL is shown after it.
const dayOf = (name) => ({
  name: `${name}_on`,
  head: "on",
  text: true,
  of: (card) => card[name]?.delivery_day ?? "",
  terms: [],
  link: (card) => (card[name] ? format.dayShort(card[name].delivery_day) : "–"),
});
const COLUMNS = CARD_COLUMNS.filter(({ kind }) => kind !== "day").flatMap((column) =>
  column.inside ? [{ ...column, name: column.inside }, dayOf(column.inside)] : [column],
);

const FIRST = { name: "pnl_eur", isDown: true };

export function Scorecard({ scorecard, file, mayChoose }) {
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (card) => card.trader_id ?? "Total",
    link: (card) => (card.trader_id !== null && mayChoose ? <TraderLink id={card.trader_id} /> : undefined),
  };
  const columns = [name, ...COLUMNS];
  const isAlone = scorecard.traders.length < 2;
  const rows = isAlone ? scorecard.traders : [...inOrder(scorecard.traders, columns, FIRST), scorecard.total];
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>Trader scorecard</h2>
        <div class="tools">
          <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label="Trader scorecard: save as CSV">CSV</button>
        </div>
      </header>
      {rows.length ? (
        <Table
          caption="Trader scorecard"
          name="scorecard"
          first={FIRST}
          columns={columns}
          rows={scorecard.traders}
          total={isAlone ? undefined : scorecard.total}
          keyOf={(card) => card.trader_id}
          tall
        />
      ) : (
        <p class="nothing">{nothingTraded(scorecard.completeness)}</p>
      )}
    </section>
  );
}
