// The desk's day by trader, losses first, each with their share of its energy and their edge; typing filters the list.

import { useState } from "preact/hooks";
import { TRADER_COLUMNS } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { percent } from "../exact.js";
import * as format from "../format.js";
import { Link } from "../link.jsx";
import { METRIC } from "../range/metrics.js";
import { Table } from "../table.jsx";

export function TraderLink({ id }) {
  return <Link change={{ trader: id, hour: null, slot: null }} title={id}>{id}</Link>;
}

const { edge } = METRIC;
const EDGE = { name: "edge_eur", head: "Edge", unit: "EUR", terms: ["edge"], of: edge.of, show: edge.show, tone: true };
const PNL = TRADER_COLUMNS.at(-1);
const LOSSES_FIRST = { name: PNL.name, isDown: false };

export function Traders({ lines, total, completeness, file }) {
  const [typed, setTyped] = useState("");
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (line) => (line === total ? "Total" : line.label),
    link: (line) => (line === total ? undefined : <TraderLink id={line.label} />),
  };
  const share = { name: "share_percent", head: "Share", unit: "%", terms: ["share"], of: (line) => percent(line.traded_mwh, total.traded_mwh), show: format.price };
  const columns = [name, ...TRADER_COLUMNS.slice(0, -1), share, EDGE, PNL];
  const found = lines.filter((line) => line.label.toLowerCase().includes(typed.toLowerCase()));
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>Traders</h2>
        <div class="tools">
          {lines.length > 8 && (
            <label class="field inline">
              <span class="unseen">Filter the list of traders</span>
              <input type="search" placeholder={`Search ${lines.length} traders`} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
            </label>
          )}
          <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, found))} aria-label="Traders: save as CSV">CSV</button>
        </div>
      </header>
      {found.length ? (
        <Table caption="PnL by trader" columns={columns} name="traders" first={LOSSES_FIRST} rows={found} total={total} keyOf={(line) => line.label} tall />
      ) : (
        <p class="nothing">{lines.length ? "No trader matches." : nothingTraded(completeness)}</p>
      )}
    </section>
  );
}
