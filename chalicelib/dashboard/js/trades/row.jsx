// The trades that deliver in a row of a day, and their sum within it, which must equal the row.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { periodText } from "../actions/slots.js";
import { csvOf, saveCsv } from "../download.js";
import * as format from "../format.js";
import { TradeLink } from "../link.jsx";
import { useLive } from "../live.js";
import { Lost, Refusal } from "../notices.jsx";
import { Table } from "../table.jsx";
import { cashIn, deliversIn, labelOf, sumOf } from "../today/slots.js";

// More rows are in the CSV and in the sum.
const MOST_ROWS = 2000;
const AGREEMENT_MILLISECONDS = 1000;
const AGREEMENT_TRIES = 5;
const CHANGED = "The book has changed since the row was read; reading it again.";

const columnsOf = (row, ofDesk, when) => [
  { name: "execution_time", head: "Executed (Berlin)", text: true, of: (trade) => when(trade.execution_time), sort: (trade) => Date.parse(trade.execution_time) },
  ...(ofDesk ? [{ name: "trader_id", head: "Trader", text: true, of: (trade) => trade.trader_id }] : []),
  { name: "direction", head: "Side", text: true, of: (trade) => trade.direction },
  { name: "quantity_mw", head: "Power", unit: "MW", of: (trade) => trade.quantity_mw, show: format.energy },
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (trade) => trade.price_eur_mwh, show: format.price },
  { name: "cash_eur", head: "In this row", unit: "EUR", of: (trade) => cashIn(trade, row), show: format.pnl, tone: true },
  { name: "delivery", head: "Delivery", text: true, of: periodText, sort: (trade) => `${trade.delivery_start} ${trade.delivery_end}` },
  { name: "venue", head: "Venue", text: true, of: (trade) => trade.venue },
  { name: "id", head: "Trade", text: true, of: (trade) => trade.id, link: (trade) => <TradeLink trade={trade} /> },
];

// "13:15 - 13:30" is in hour 13, "02 - 03 B" is hour 02B.
const hourOf = ({ label }) => label.slice(0, 2) + (/ [AB]$/.test(label) ? label.slice(-1) : "");
const isSame = (total, row) => ["trades", "buy_mwh", "sell_mwh", "cash_eur"].every((name) => String(total[name]) === String(row[name]));

// A row has `start`, `minutes` and `label`, and what its trades add up to.
export function RowTrades({ client, day, row, trader, ofDesk, refresh }) {
  const query = { delivery_day: day, delivery_hour: hourOf(row), trader_id: trader };
  const key = JSON.stringify([query, row.start, row.minutes, row.trades, row.buy_mwh, row.sell_mwh, row.cash_eur]);
  const live = useLive(key, (signal) => client.statements(query, { signal }), { once: true, onRefused: refresh.onRefused });
  const trades = useMemo(() => live.value?.filter((trade) => deliversIn(trade, row)) ?? null, [live.value, key]);
  const total = useMemo(() => trades && sumOf(trades, row), [trades]);
  const fits = total !== null && isSame(total, row);
  useAgreement(trades === null || fits, live);
  if (live.lost) return <Lost lost={live.lost} at={live.at} again={live.again} />;
  if (live.refusal) return <Refusal refusal={live.refusal} />;
  if (trades === null) return <p class="nothing" role="status">Reading the trades…</p>;
  return <Listed {...{ row, trades, total, fits, ofDesk }} file={`voltbook_${day}_${row.label.replaceAll(":", "")}_trades`} />;
}

// An index is updated with a short delay.
function useAgreement(agrees, { at, again }) {
  const tries = useRef(0);
  useEffect(() => {
    if (agrees) tries.current = 0;
    if (agrees || tries.current++ >= AGREEMENT_TRIES) return undefined;
    const timer = setTimeout(again, AGREEMENT_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [agrees, at]);
}

const byExecution = (a, b) => Date.parse(a.execution_time) - Date.parse(b.execution_time);

function Listed({ row, trades, total, fits, ofDesk, file }) {
  const rows = useMemo(() => [...trades].sort(byExecution), [trades]);
  const save = () => saveCsv(file, csvOf(columnsOf(row, ofDesk, (text) => text), rows));
  return (
    <div class="drill">
      <div class="panel-head">
        <h3>{`Trades for ${labelOf(row)}`}</h3>
        <button type="button" class="quiet" onClick={save}>
          CSV<span class="unseen">{` of the trades for ${labelOf(row)}`}</span>
        </button>
      </div>
      <Table
        caption={`Trades for delivery ${labelOf(row)}`}
        name="row"
        columns={columnsOf(row, ofDesk, format.executed)}
        rows={rows}
        most={MOST_ROWS}
        keyOf={(trade) => `${trade.venue} ${trade.id} ${trade.direction}`}
        tall
      />
      <p class={`sum ${fits ? "" : "loss"}`} data-testid="sum">
        {"Sum: "}
        <data value={String(total.trades)}>{format.plural(total.trades, "trade")}</data>
        {", bought "}
        <data value={total.buy_mwh}>{format.energy(total.buy_mwh)}</data>
        {" MWh, sold "}
        <data value={total.sell_mwh}>{format.energy(total.sell_mwh)}</data>
        {" MWh, "}
        <data value={total.cash_eur}>{format.pnl(total.cash_eur)}</data>
        {fits ? " EUR, as in the row" : ` EUR. ${CHANGED}`}
      </p>
    </div>
  );
}
