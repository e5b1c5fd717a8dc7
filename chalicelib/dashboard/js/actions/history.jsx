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
  text("outcome", "Change", ({ outcome }) => outcome),
  text("source", "Source", sourceOf),
  { ...text("reason", "Reason", ({ source }) => source.reason ?? ""), prose: true },
  { ...text("terms", "Terms", ({ trade }) => termsOf(trade)), prose: true },
];

// What a revision did, in the words of the command.
function outcomeOf({ withdrawn, restored_by, source, trade }, before) {
  if (withdrawn) return "withdrawn";
  if (!before) return "booked";
  if (restored_by !== null || before.withdrawn) return "restored";
  if (trade.state !== before.trade.state) return trade.state;
  const changed = Object.keys(trade).filter((name) => name !== "revision" && trade[name] !== before.trade[name]);
  if (changed.length && changed.every((name) => before.trade[name] === null)) return "enriched";
  return source.user ? "changed" : "corrected";
}

function sourceOf({ source, matched_by, restored_by }) {
  if (restored_by !== null) return restored_by;
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
  const rows = revisions.map((revision, index) => ({ ...revision, outcome: outcomeOf(revision, revisions[index + 1]) }));
  return (
    <section aria-label={direction === "buy" ? "Purchase" : "Sale"}>
      <Table caption={`Revisions of the ${direction === "buy" ? "purchase" : "sale"}`} columns={COLUMNS} rows={rows} keyOf={({ revision }) => revision} tall />
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
