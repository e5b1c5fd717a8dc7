// The trades that deliver in a row, and their sum within it, which must equal the row.

import { csvOf, saveCsv } from "../download.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Lost, Refusal } from "../notices.jsx";
import { Table } from "../table.jsx";
import { cashIn, deliversIn, labelOf, sumOf } from "./slots.js";

// More trades than this are not loaded for one row.
const MANY = 20_000;
const CHANGED = "The book has changed since the row was read; reading it again.";

const time = (of) => ({ name: "execution_time", head: "Executed (Berlin)", text: true, of: (trade) => of(trade.execution_time) });
const period = ({ delivery_start, delivery_end }) => `${format.hourAndMinute(delivery_start)}–${format.hourAndMinute(delivery_end)}`;

const columnsOf = (row, ofDesk, when) => [
  time(when),
  ...(ofDesk ? [{ name: "trader_id", head: "Trader", text: true, of: (trade) => trade.trader_id }] : []),
  { name: "direction", head: "Side", text: true, of: (trade) => trade.direction },
  { name: "quantity_mw", head: "Power", unit: "MW", of: (trade) => trade.quantity_mw, show: format.energy },
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (trade) => trade.price_eur_mwh, show: format.price },
  { name: "cash_eur", head: "In this row", unit: "EUR", of: (trade) => cashIn(trade, row), show: format.pnl, tone: true },
  { name: "delivery", head: "Delivery", text: true, of: period },
  { name: "venue", head: "Venue", text: true, of: (trade) => trade.venue },
  { name: "id", head: "Trade", text: true, of: (trade) => trade.id },
];

const isSame = (total, row) => ["trades", "buy_mwh", "sell_mwh", "cash_eur"].every((name) => String(total[name]) === String(row[name]));

export function RowTrades({ client, day, row, total, trader, ofDesk, refresh }) {
  const isAsked = total.trades <= MANY;
  const query = { delivery_day: day, trader_id: trader };
  const key = isAsked ? JSON.stringify([query, row.start, row.minutes, row.trades, row.buy_mwh, row.sell_mwh, row.cash_eur]) : null;
  const live = useLive(key, (signal) => client.statements(query, { signal }), { once: true, onRefused: refresh.onRefused });
  if (!isAsked) return <p class="nothing">{`${format.count(total.trades)} trades are too many to list; choose a trader.`}</p>;
  if (live.lost) return <Lost lost={live.lost} at={live.at} again={live.again} />;
  if (live.refusal) return <Refusal refusal={live.refusal} />;
  if (live.value === null) return <p class="nothing" role="status">Reading the trades…</p>;
  return <Listed {...{ row, ofDesk }} trades={live.value} file={`voltbook_${day}_${row.label.replaceAll(":", "")}_trades`} />;
}

function Listed({ row, trades, ofDesk, file }) {
  const mine = trades.filter((trade) => deliversIn(trade, row)).sort((a, b) => Date.parse(a.execution_time) - Date.parse(b.execution_time));
  const total = sumOf(mine, row);
  const fits = isSame(total, row);
  const save = () => saveCsv(file, csvOf(columnsOf(row, ofDesk, (text) => text), mine));
  return (
    <div class="drill">
      <div class="panel-head">
        <h3>{`Trades for ${labelOf(row)}`}</h3>
        <button type="button" class="quiet" onClick={save}>
          CSV<span class="unseen">{` of the trades for ${row.label}`}</span>
        </button>
      </div>
      <Table
        caption={`Trades for delivery ${row.label}`}
        columns={columnsOf(row, ofDesk, format.executed)}
        rows={mine}
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
