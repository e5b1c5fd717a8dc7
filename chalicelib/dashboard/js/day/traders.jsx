// The desk's day by trader, losses first, each with their share of its energy, their edge and their total; typing filters the list.

import { useState } from "preact/hooks";
import { TOTAL, TRADER_COLUMNS, withFees } from "../columns.js";
import { nothingTraded } from "../completeness.js";
import { csvOf, saveCsv } from "../download.js";
import { percent } from "../exact.js";
import * as format from "../format.js";
import { Link } from "../link.jsx";
import { METRIC } from "../range/metrics.js";
import { Table } from "../table.jsx";
import { isUnvalued, whyUnvalued } from "../value.js";

export function TraderLink({ id }) {
  return <Link change={{ trader: id, hour: null, slot: null }} title={id}>{id}</Link>;
}

const { edge } = METRIC;
const EDGE = { name: "edge_eur", head: "Edge", unit: "EUR", terms: ["edge"], minor: "roomy", of: edge.of, show: edge.show, tone: true };
const LOSSES_FIRST = { name: TOTAL.name, isDown: false };
const MOST_NAMED = 3;

// Whose total is not known, and why: a quarter-hour may be open for a trader and closed for the desk.
function Unvalued({ lines }) {
  const unvalued = lines.filter(isUnvalued);
  if (!unvalued.length) return null;
  const named = unvalued.slice(0, MOST_NAMED).map((line) => `${line.label} (${whyUnvalued(line)})`).join(", ");
  const more = unvalued.length - MOST_NAMED;
  return <p class="hint">{`No total of ${named}${more > 0 ? ` and ${format.count(more)} more` : ""}`}</p>;
}

export function Traders({ lines, total, completeness, file }) {
  const [typed, setTyped] = useState("");
  const name = {
    name: "trader_id",
    head: "Trader",
    text: true,
    of: (line) => (line === total ? "Total" : line.label),
    link: (line) => (line === total ? undefined : <TraderLink id={line.label} />),
  };
  const share = { name: "share_percent", head: "Share", unit: "%", terms: ["share"], minor: "roomy", of: (line) => percent(line.traded_mwh, total.traded_mwh), show: format.price };
  const known = withFees(TRADER_COLUMNS, total);
  const place = known.findIndex(({ unit }) => unit === "EUR");
  const columns = [name, ...known.slice(0, place), share, EDGE, ...known.slice(place)];
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
        <Table caption="Value by trader" columns={columns} name="traders" first={LOSSES_FIRST} rows={found} total={total} keyOf={(line) => line.label} tall />
      ) : (
        <p class="nothing">{lines.length ? "No trader matches." : nothingTraded(completeness)}</p>
      )}
      <Unvalued lines={lines} />
    </section>
  );
}
