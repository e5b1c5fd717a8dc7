// The desk's day by trader; typing filters the list.

import { useState } from "preact/hooks";
import { TRADER_COLUMNS } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { Link } from "../link.jsx";
import { Table } from "../table.jsx";

export function TraderLink({ id }) {
  return <Link change={{ trader: id, hour: null, slot: null }} title={id}>{id}</Link>;
}

export function Traders({ lines, completeness, file }) {
  const [typed, setTyped] = useState("");
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (line) => line.label,
    link: (line) => <TraderLink id={line.label} />,
  };
  const columns = [name, ...TRADER_COLUMNS];
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
        <Table caption="PnL by trader" columns={columns} rows={found} keyOf={(line) => line.label} tall />
      ) : (
        <p class="nothing">{lines.length ? "No trader matches." : nothingTraded(completeness)}</p>
      )}
    </section>
  );
}
