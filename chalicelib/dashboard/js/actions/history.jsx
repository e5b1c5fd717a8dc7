// The history of a trade: every revision of its sides, with its source, and what may be done with the current one.

import { Dialog, NoPath } from "./form.jsx";
import { may, openAction } from "./open.js";
import { hasPath, pathOf, termsOf } from "./terms.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { Table } from "../table.jsx";

const text = (name, head, of) => ({ name, head, text: true, of });
const COLUMNS = [
  text("revision", "Revision", ({ revision }) => String(revision)),
  text("said_at", "Recorded (Berlin)", ({ said_at }) => format.when(said_at)),
  text("source", "Source", sourceOf),
  { ...text("reason", "Reason", ({ source }) => source.reason ?? ""), prose: true },
  { ...text("terms", "Terms", ({ trade, withdrawn }) => `${withdrawn ? "withdrawn: " : ""}${termsOf(trade)}`), prose: true },
];

function sourceOf({ source, matched_by }) {
  const by = source.user ?? `file of ${source.file_day}${source.feed ? ` (${source.feed})` : ""}, version ${source.version}, line ${source.line}`;
  return matched_by && source.user ? `${by}; confirmed by the file of ${matched_by}` : by;
}

export function HistoryDialog({ client, me, trade, onRefused, onClose }) {
  const path = pathOf(trade);
  const live = useLive(hasPath(trade) ? path : null, (signal) => client.get(path, {}, { signal }), { once: true, onRefused });
  return (
    <Dialog title={`History of ${trade.venue} ${trade.id}`} wide onClose={onClose}>
      {(close) => (
        <>
          {!hasPath(trade) && <NoPath trade={trade} command="show" more=" --history" />}
          {hasPath(trade) && <Live live={live}>{({ sides }) => sides.map((side) => <Side key={side.direction} {...side} canChange={may(me).change} />)}</Live>}
          <div class="actions">
            <button type="button" class="primary" onClick={close}>Close</button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Side({ direction, revisions, canChange }) {
  const [current] = revisions;
  const trade = { ...current.trade, revision: current.revision };
  return (
    <section aria-label={direction === "buy" ? "Purchase" : "Sale"}>
      <Table caption={`Revisions of the ${direction === "buy" ? "purchase" : "sale"}`} columns={COLUMNS} rows={revisions} keyOf={({ revision }) => revision} tall />
      {canChange && (
        <p class="actions">
          {current.withdrawn ? (
            <button type="button" onClick={() => openAction("restore", { trade })}>Restore</button>
          ) : (
            <button type="button" onClick={() => openAction("withdraw", { trade })}>Withdraw</button>
          )}
        </p>
      )}
    </section>
  );
}
