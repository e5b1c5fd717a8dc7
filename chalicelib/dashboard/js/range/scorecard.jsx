// The traders of a range side by side.

import { CARD_COLUMNS, withFees } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { TraderLink } from "../day/traders.jsx";
import * as format from "../format.js";
import { inOrder } from "../order.js";
import { Table } from "../table.jsx";

// The day of an amount is shown after it.
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

const FIRST = { name: "total_eur", isDown: true };

// Cards with the value of their lines; both are in the order of the traders' names.
function valued({ traders, total }, report) {
  const lines = new Map((report.traders ?? [report.total]).map((line, index) => [report.traders ? line.label : traders[index]?.trader_id, line]));
  return [traders.map((card) => ({ ...lines.get(card.trader_id), ...card })), { ...report.total, ...total }];
}

export function Scorecard({ report, scorecard, file, mayChoose }) {
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (card) => card.trader_id ?? "Total",
    link: (card) => (card.trader_id !== null && mayChoose ? <TraderLink id={card.trader_id} /> : undefined),
  };
  const columns = [name, ...withFees(COLUMNS, report.total)];
  const [traders, total] = valued(scorecard, report);
  const isAlone = traders.length < 2;
  const rows = isAlone ? traders : [...inOrder(traders, columns, FIRST), total];
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>Trader scorecard</h2>
        <span class="hint">hours won, hit rate, best and worst day and drawdown are those of cash</span>
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
          rows={traders}
          total={isAlone ? undefined : total}
          keyOf={(card) => card.trader_id}
          tall
        />
      ) : (
        <p class="nothing">{nothingTraded(scorecard.completeness)}</p>
      )}
    </section>
  );
}
