// A receipt: what became of every row of a daily file, version by version.

import { StateBadge } from "../badge.jsx";
import { csvOf, saveCsv } from "../download.js";
import * as format from "../format.js";
import { Table } from "../table.jsx";
import { isBooked, isUnconfirmed, stateOf } from "./states.js";

const text = (name, head, of) => ({ name, head, text: true, of });
const prose = (name, head, of) => ({ ...text(name, head, of), prose: true });
const number = (name, head) => ({ name, head, of: (receipt) => receipt[name], show: format.count });

const VERSIONS = [
  text("version", "Version", (receipt) => String(receipt.version)),
  text("state", "State", (receipt) => stateOf(receipt).words),
  number("rows", "Rows"),
  number("booked", "Booked"),
  number("already_there", "Already there"),
  number("corrected", "Corrected"),
  number("quarantined", "Quarantined"),
  number("withdrawn", "Withdrawn"),
  text("imported_at", "Imported (Berlin)", (receipt) => format.when(receipt.imported_at)),
  prose("reason", "Reason", (receipt) => receipt.reason ?? ""),
  text("sha256", "SHA-256", (receipt) => receipt.sha256?.slice(0, 12) ?? ""),
];
const QUARANTINE = [
  text("line", "Line", (row) => String(row.line)),
  text("field", "Field", (row) => row.field),
  prose("message", "What is wrong", (row) => row.message),
];
const CHANGES = [
  text("kind", "Change", (change) => change.kind),
  text("id", "Trade", (change) => change.id),
  text("line", "Line", (change) => (change.line === null ? "" : String(change.line))),
];
const NOTICES = [
  text("written_at", "Written (Berlin)", (notice) => format.when(notice.written_at)),
  text("kind", "Notice", (notice) => notice.kind),
  prose("subject", "Subject", (notice) => notice.subject),
  text("sent_at", "Sent (Berlin)", (notice) => (notice.sent_at ? format.when(notice.sent_at) : "not yet")),
];

const problemsOf = (receipt) => receipt.quarantine.flatMap(({ line, problems }) => problems.map((problem) => ({ line, ...problem })));

function Part({ title, file, columns, rows, note }) {
  if (!rows.length) return null;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{title}</h2>
        <div class="tools">
          <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label={`${title}: save as CSV`}>CSV</button>
        </div>
      </header>
      <Table caption={title} columns={columns} rows={rows} tall />
      {note && <p class="nothing">{note}</p>}
    </section>
  );
}

// Where every row went; only of a version that is booked, since of any other the sum would not hold.
function Accounted({ receipt, versions }) {
  if (!isBooked(receipt)) return <p class="equation">{fateOf(receipt, versions)}</p>;
  const parts = [
    ["rows read", receipt.rows],
    ["booked", receipt.booked],
    ["already there", receipt.already_there],
    ["corrected", receipt.corrected],
    ["in quarantine", receipt.quarantined],
  ];
  return (
    <p class="equation" data-testid="accounted">
      {parts.map(([words, rows], index) => (
        <span key={words}>
          {index > 0 && <span class="operator">{index === 1 ? "=" : "+"}</span>}
          <strong>{format.count(rows)}</strong> {words}
        </span>
      ))}
    </p>
  );
}

// What became of a version that is not in the book, and which version is there in its place.
function fateOf({ state, rows, standing_version, file_day }, versions) {
  const standing = versions.find(({ version }) => version === standing_version);
  const inBook = standing_version
    ? `Version ${standing_version}${standing ? ` with ${format.plural(standing.rows, "row")}` : ""} stays in the book.`
    : `Nothing of the file of ${format.dayShort(file_day)} is in the book.`;
  if (state === "importing") return "Its rows are being booked; the counts follow when it is done.";
  const read = rows ? `${format.plural(rows, "row")} read, none of them booked.` : "None of its rows is booked.";
  return `${read} ${inBook}`;
}

function Remarks({ receipt: { warnings, ignored_columns } }) {
  const unused = ignored_columns?.length ? [`Columns that no trade has and that are not used: ${ignored_columns.join(", ")}.`] : [];
  const remarks = [...(warnings ?? []), ...unused];
  if (!remarks.length) return null;
  return (
    <section class={`notice ${warnings?.length ? "warn" : ""}`} aria-label="Warnings">
      <ul>
        {remarks.map((remark) => (
          <li key={remark}>{remark}</li>
        ))}
      </ul>
    </section>
  );
}

const withdrawnIn = (receipt) =>
  receipt.withdrawn ? `${format.plural(receipt.withdrawn, "trade")} withdrawn${isUnconfirmed(receipt) ? ", not confirmed yet" : ""}` : null;

export function FileDay({ found }) {
  const { newest, versions, notices, file_day } = found;
  const state = stateOf(newest);
  const file = `voltbook_file_${file_day}`;
  const problems = problemsOf(newest);
  const cut = newest.quarantined > newest.quarantine.length;
  return (
    <div class="receipt" data-file={file_day}>
      <div class="title">
        <h2 class="file-title">{newest.key}</h2>
        <StateBadge
          state={state}
          name={state.name}
          why={[
            newest.version ? `version ${newest.version}` : null,
            newest.imported_at && `imported ${format.when(newest.imported_at)}`,
            newest.reason,
            newest.quarantined ? `${format.plural(newest.quarantined, "row")} in quarantine` : null,
            withdrawnIn(newest),
          ].filter(Boolean)}
        />
      </div>
      {newest.version > 0 && <Accounted receipt={newest} versions={versions} />}
      <Remarks receipt={newest} />
      <Part
        title="Rows in quarantine"
        file={`${file}_quarantine`}
        columns={QUARANTINE}
        rows={problems}
        note={cut && `The first ${format.plural(newest.quarantine.length, "row")} of ${format.count(newest.quarantined)}.`}
      />
      <Part title="What it changed" file={`${file}_changes`} columns={CHANGES} rows={newest.changes} />
      <Part title="Versions" file={`${file}_versions`} columns={VERSIONS} rows={versions} />
      <Part title="What the desk was told" file={`${file}_notices`} columns={NOTICES} rows={notices} />
    </div>
  );
}
