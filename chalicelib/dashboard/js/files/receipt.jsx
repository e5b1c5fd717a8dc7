// A receipt: the result for every row of a file, by version.

import { useEffect, useState } from "preact/hooks";
import { StateBadge } from "../badge.jsx";
import { csvOf, saveCsv } from "../download.js";
import { settle } from "../focus.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { Table } from "../table.jsx";
import { may, openAction } from "../actions/open.js";
import { CHANGES } from "./changes.js";
import { DAILY } from "./feeds.js";
import { hasOpenRows, isBooked, isUnconfirmed, stateOf } from "./states.js";

const text = (name, head, of) => ({ name, head, text: true, of });
const prose = (name, head, of) => ({ ...text(name, head, of), prose: true });
const number = (name, head) => ({ name, head, of: (receipt) => receipt[name], show: format.count });

const versionsColumns = (opened, open, newest) => [
  { ...text("version", "Version", (receipt) => String(receipt.version)), link: (receipt) => <VersionLink {...{ receipt, opened, open, newest }} /> },
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
  prose("message", "Problem", (row) => row.message),
];
const NOTICES = [
  text("written_at", "Written (Berlin)", (notice) => format.when(notice.written_at)),
  text("kind", "Notice", (notice) => notice.kind),
  prose("subject", "Subject", (notice) => notice.subject),
  text("sent_at", "Sent (Berlin)", (notice) => (notice.sent_at ? format.when(notice.sent_at) : "not yet")),
];

// The newest version is shown anyway. An older one may have changes that no count shows, such as stale ones.
function VersionLink({ receipt, opened, open, newest }) {
  if (receipt.version === newest || !receipt.version) return String(receipt.version);
  const isOpen = opened === receipt.version;
  return (
    <button type="button" class="link" aria-expanded={isOpen} aria-label={`Version ${receipt.version}: rows and changes`} onClick={() => open(isOpen ? null : receipt.version)}>
      {receipt.version}
    </button>
  );
}

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

// The result for every row; only for a booked version, because for others the sum is not valid.
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

// The result of a version that is not booked, and the version that is booked instead.
function fateOf({ state, rows, standing_version, file_day }, versions) {
  const standing = versions.find(({ version }) => version === standing_version);
  const inBook = standing_version
    ? `Version ${standing_version}${standing ? ` with ${format.plural(standing.rows, "row")}` : ""} stays in the book.`
    : `Nothing of the file of ${format.dayShort(file_day)} is in the book.`;
  if (state === "importing") return "Its rows are being booked; the counts follow at the end of the import.";
  const read = rows ? `${format.plural(rows, "row")} read, none of them booked.` : "None of its rows is booked.";
  return `${read} ${inBook}`;
}

function Remarks({ receipt: { warnings, ignored_columns } }) {
  const unused = ignored_columns?.length ? [`Ignored columns: ${ignored_columns.join(", ")}.`] : [];
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

const acceptedBy = ({ accepted_by }) => (accepted_by ? `, accepted by ${accepted_by}` : "");
const withdrawnIn = (receipt) =>
  receipt.withdrawn ? `${format.plural(receipt.withdrawn, "trade")} ${isUnconfirmed(receipt) ? "missing from the file, still booked" : "withdrawn"}` : null;

// The changes as they are booked: a withdrawal that nobody accepted is a trade missing from the file.
const changesOf = (receipt) =>
  receipt.changes.map((change) =>
    change.kind === "withdrawn" && isUnconfirmed(receipt) ? { ...change, kind: "missing", new: change.old, effect_eur: null } : change,
  );

// The quarantined rows and the changes of a version.
function Details({ receipt, file, of = "" }) {
  const cut = receipt.quarantined > receipt.quarantine.length;
  return (
    <>
      <Part
        title={`Rows in quarantine${of}`}
        file={`${file}_quarantine`}
        columns={QUARANTINE}
        rows={problemsOf(receipt)}
        note={cut && `The first ${format.plural(receipt.quarantine.length, "row")} of ${format.count(receipt.quarantined)}.`}
      />
      <Part title={`Changes${of}`} file={`${file}_changes`} columns={CHANGES} rows={changesOf(receipt)} />
    </>
  );
}

// An older version, loaded when it is opened.
function Older({ client, feed, file_day, version, file, onRefused }) {
  const ask = (signal) => client.get(`v2/files/${feed}/${file_day}`, { version }, { signal });
  const live = useLive(JSON.stringify([feed, file_day, version]), ask, { once: true, onRefused });
  return (
    <Live live={live}>
      {({ versions }) => {
        const receipt = versions.find((one) => one.version === version);
        return receipt ? <Details receipt={receipt} file={`${file}_version_${version}`} of={`, version ${version}`} /> : null;
      }}
    </Live>
  );
}

// The API decides what can be accepted, and says why if nothing can.
const isOpen = (receipt) => ["held", "importing", "late", "provisional"].includes(stateOf(receipt).name) || isUnconfirmed(receipt) || hasOpenRows(receipt);

export function AcceptButton({ day, feed }) {
  return <button type="button" aria-haspopup="dialog" onClick={() => openAction("accept", { day, feed })}>Accept…</button>;
}

export function FileDay({ found, client, me, onRefused }) {
  const { feed, newest, versions, notices, file_day } = found;
  const state = stateOf(newest);
  const file = `voltbook_file_${feed === DAILY ? "" : `${feed}_`}${file_day}`;
  const [opened, open] = useState(null);
  useEffect(() => open(null), [file_day]);
  useEffect(() => settle(), [feed, file_day]);
  const older = versions.some(({ version }) => version === opened && version !== newest.version) ? opened : null;
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
            newest.quarantined ? `${format.plural(newest.quarantined, "row")} in quarantine${acceptedBy(newest)}` : null,
            withdrawnIn(newest),
          ].filter(Boolean)}
        />
        {may(me).change && isOpen(newest) && <AcceptButton day={file_day} feed={feed} />}
      </div>
      {newest.version > 0 && <Accounted receipt={newest} versions={versions} />}
      <Remarks receipt={newest} />
      <Details receipt={newest} file={file} />
      <Part title="Versions" file={`${file}_versions`} columns={versionsColumns(older, open, newest.version)} rows={versions} />
      {older !== null && <Older {...{ client, feed, file_day, file, onRefused }} version={older} key={older} />}
      <Part title="Notices to the desk" file={`${file}_notices`} columns={NOTICES} rows={notices} />
    </div>
  );
}
