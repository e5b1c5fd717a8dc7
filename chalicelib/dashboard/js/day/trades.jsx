// The trades of an hour, and their sum, which must equal the row.

import { lineOf, cashOf, eur } from "../exact.js";
import * as format from "../format.js";
import { csvOf, saveCsv } from "../download.js";
import { Table } from "../table.jsx";

const cents = (price) => eur(BigInt(price));

const TIME = { name: "execution_time", head: "Executed (Berlin)", text: true, of: (trade) => format.executed(trade.execution_time) };
const TRADER = { name: "trader_id", head: "Trader", text: true, of: (trade) => trade.trader_id };
const REST = [
  { name: "direction", head: "Side", text: true, of: (trade) => trade.direction },
  { name: "quantity", head: "Quantity", unit: "MW", of: (trade) => trade.quantity, show: format.count },
  { name: "price", head: "Price", unit: "EUR/MWh", of: (trade) => cents(trade.price), show: format.price },
  { name: "cash", head: "Cash", unit: "EUR", of: (trade) => eur(cashOf(trade)), show: format.pnl, tone: true },
  { name: "id", head: "Trade", text: true, of: (trade) => trade.id },
];
const EXACT_TIME = { ...TIME, head: "Executed (UTC)", of: (trade) => trade.execution_time };

export const tradeColumns = (ofDesk) => [TIME, ...(ofDesk ? [TRADER] : []), ...REST];
export const exactColumns = (ofDesk) => [EXACT_TIME, ...(ofDesk ? [TRADER] : []), ...REST];

export const hourOf = (line) => Number(line.label.slice(0, 2));
// Trades that are not of whole hours and MW are in the row, and not in the list.
const CHANGED = "The book has changed since the row was read; reading it again.";
const PARTIAL = "The row also counts trades that are not listed here, such as quarter-hours: voltbook trades list shows them.";
const inOrder = (a, b) => Date.parse(a.execution_time) - Date.parse(b.execution_time);

export function isSame(total, line) {
  return ["trades", "buy_mwh", "sell_mwh", "pnl_eur"].every((name) => String(total[name]) === String(line[name]));
}

export function HourTrades({ line, trades, ofDesk, file }) {
  const mine = trades.filter((trade) => trade.delivery_hour === hourOf(line)).sort(inOrder);
  const total = lineOf(mine);
  const fits = isSame(total, line);
  return (
    <div class="drill">
      <div class="panel-head">
        <h3>{`Trades for ${line.label}`}</h3>
        <button type="button" class="quiet" onClick={() => saveCsv(`${file}_hour_${line.label.slice(0, 2)}`, csvOf(exactColumns(ofDesk), mine))}>
          CSV<span class="unseen">{` of the trades for ${line.label}`}</span>
        </button>
      </div>
      <Table caption={`Trades for delivery ${line.label}`} columns={tradeColumns(ofDesk)} rows={mine} keyOf={(trade) => trade.id} tall />
      <p class={`sum ${fits ? "" : "loss"}`} data-testid="sum">
        {"Sum: "}
        <data value={String(total.trades)}>{format.plural(total.trades, "trade")}</data>
        {", bought "}
        <data value={total.buy_mwh}>{format.energy(total.buy_mwh)}</data>
        {" MWh, sold "}
        <data value={total.sell_mwh}>{format.energy(total.sell_mwh)}</data>
        {" MWh, PnL "}
        <data value={total.pnl_eur}>{format.pnl(total.pnl_eur)}</data>
        {fits ? " EUR, as in the row" : ` EUR. ${trades.notShown ? PARTIAL : CHANGED}`}
      </p>
    </div>
  );
}
