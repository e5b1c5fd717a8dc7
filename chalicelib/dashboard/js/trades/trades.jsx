// All trades of a delivery day in one table: every venue and period, sortable, with the actions on their row.

import { useEffect, useState } from "preact/hooks";
import { may, openAction } from "../actions/open.js";
import { periodText } from "../actions/slots.js";
import { csvOf, saveCsv } from "../download.js";
import { cashInFull, sum } from "../exact.js";
import * as format from "../format.js";
import { TradeLink } from "../link.jsx";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { Table } from "../table.jsx";

// More rows are in the CSV, and are found by the search.
const MOST_ROWS = 500;

const text = (name, head, of = (trade) => trade[name] ?? "") => ({ name, head, text: true, of });
const COLUMNS = [
  { ...text("period", "Delivery (Berlin)", periodText), sort: (trade) => `${trade.delivery_start} ${trade.delivery_end}` },
  text("direction", "Side"),
  { name: "quantity_mw", head: "Quantity", unit: "MW", of: (trade) => trade.quantity_mw, show: format.energy },
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (trade) => trade.price_eur_mwh, show: format.price },
  { name: "cash_eur", head: "Cash", unit: "EUR", of: cashInFull, show: format.pnl, tone: true },
  text("trader_id", "Trader"),
  text("venue", "Venue"),
  { ...text("id", "Trade"), link: (trade) => <TradeLink trade={trade} /> },
  text("strategy", "Strategy"),
  text("area", "Area", (trade) => format.area(trade.area)),
  { ...text("execution_time", "Executed (Berlin)", (trade) => format.executed(trade.execution_time)), sort: (trade) => Date.parse(trade.execution_time) },
  text("state", "State"),
];
// The file has the API's own fields.
const EXACT = ["venue", "id", "direction", "delivery_start", "delivery_end", "quantity_mw", "price_eur_mwh", "trader_id", "execution_time", "area", "strategy", "state", "revision"];
const NUMBERS = new Set(["quantity_mw", "price_eur_mwh"]);
const EXACT_COLUMNS = [...EXACT.map((name) => ({ name, of: (trade) => trade[name], text: !NUMBERS.has(name) })), { name: "cash_eur", of: cashInFull }];

const isVoid = ({ state }) => state === "recalled" || state === "cancelled";
const keyOf = ({ venue, id, direction }) => JSON.stringify([venue, id, direction]);

export function TradesView({ client, me, place, refresh, onReport, retreat }) {
  const query = { trader_id: place.trader, delivery_day: place.day, state: "all" };
  const load = (signal) => client.statements(query, { signal });
  const live = useLive(JSON.stringify(query), load, refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat}>
      {(trades) => <Trades {...{ trades, place, me }} />}
    </Live>
  );
}

function Trades({ trades, place, me }) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const found = wanted === "" ? trades : trades.filter((trade) => COLUMNS.some((column) => column.text && String(column.of(trade)).toLowerCase().includes(wanted)));
  const file = `voltbook_trades_${place.day}_${place.trader ?? "desk"}`;
  const voids = trades.filter(isVoid).length;
  const counted = format.plural(trades.length - voids, "trade") + (voids ? `, and ${format.count(voids)} recalled or cancelled` : "");
  return (
    <>
      <div class="title">
        <h1>
          {`Trades of ${format.day(place.day)}`}
          <span class="whose">{place.trader ?? (me.trader_id ?? "Whole desk")}</span>
        </h1>
      </div>
      <section class="panel">
        <header class="panel-head">
          <h2>{wanted === "" ? counted : `${format.plural(found.length, "trade")} of ${format.count(trades.length)}`}</h2>
          <div class="tools">
            <label class="field inline">
              <span class="unseen">Search the trades</span>
              <input type="search" placeholder="Search the trades" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
            </label>
            <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(EXACT_COLUMNS, found))} aria-label="Trades: save as CSV">CSV</button>
          </div>
        </header>
        {found.length ? <TradeTable {...{ me }} rows={found} /> : <p class="nothing">{trades.length ? "No trade matches." : "There are no trades for delivery on this day."}</p>}
      </section>
      <p>
        <button type="button" aria-haspopup="dialog" onClick={() => openAction("jump", { text: typed.trim() })}>Find a trade by its id</button>
        <span class="hint"> of any day and venue, also one that was taken out</span>
      </p>
    </>
  );
}

const FIRST = { name: "period", isDown: false };
// Of the trades that count; MW of different periods do not add up.
const sumsOf = (trades) => ({ period: "Total", cash_eur: sum(trades.filter((trade) => !isVoid(trade)).map(cashInFull)) });

function TradeTable({ rows, me }) {
  const actions = (trade) => (
    <>
      <button type="button" aria-label={`History of ${trade.id}`} onClick={() => openAction("history", { trade })}>History</button>
      {may(me).change && <button type="button" aria-label={`Withdraw ${trade.id}`} onClick={() => openAction("withdraw", { trade })}>Withdraw</button>}
    </>
  );
  return (
    <Table
      caption="Trades of the day"
      name="trades"
      first={FIRST}
      columns={COLUMNS}
      rows={rows}
      sums={sumsOf(rows)}
      most={MOST_ROWS}
      keyOf={keyOf}
      classOf={(trade) => (isVoid(trade) ? "void" : "")}
      actions={actions}
      tall
    />
  );
}
