// The files view: thirty file days as a strip, and the receipt of one of them.

import { useEffect } from "preact/hooks";
import { csvOf, saveCsv } from "../download.js";
import { daysBetween, plusDays, yesterday } from "../days.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { may } from "../actions/open.js";
import { AcceptButton, FileDay } from "./receipt.jsx";
import { hasOpenRows, isUnconfirmed, stateOf } from "./states.js";

export const STRIP_DAYS = 30;

export function FilesView({ client, me, place, go, refresh, onReport }) {
  const query = { start_day: plusDays(place.until, 1 - STRIP_DAYS), end_day: place.until };
  const live = useLive(JSON.stringify(query), (signal) => client.get("v1/files", query, { signal }), refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live}>
      {(receipts) => <Strip {...{ receipts, place, go, query }} detail={<Detail {...{ client, me, place, refresh, receipts }} />} />}
    </Live>
  );
}

const COLUMNS = [
  { name: "file_day", of: ({ day }) => day, text: true },
  { name: "state", of: ({ state }) => state.name, text: true },
  ...["version", "rows", "booked", "already_there", "corrected", "withdrawn", "quarantined"].map((name) => ({
    name,
    of: ({ receipt }) => receipt?.[name] ?? null,
  })),
  { name: "reason", of: ({ receipt }) => receipt?.reason ?? null, text: true },
  { name: "imported_at", of: ({ receipt }) => receipt?.imported_at ?? null },
];

// The open points that need a decision.
function openPoints(receipt) {
  if (receipt === null) return [];
  return [
    hasOpenRows(receipt) ? `${format.plural(receipt.quarantined, "row")} in quarantine` : null,
    isUnconfirmed(receipt) ? `${format.plural(receipt.withdrawn, "trade")} missing from the file, still booked` : null,
  ].filter(Boolean);
}

function Strip({ receipts, place, go, query, detail }) {
  const byDay = new Map(receipts.map((receipt) => [receipt.file_day, receipt]));
  const days = daysBetween(query.start_day, query.end_day).map((day) => {
    const receipt = byDay.get(day) ?? null;
    return { day, receipt, state: stateOf(receipt, day) };
  });
  const counts = Map.groupBy(days, ({ state }) => `${state.name} ${state.tone}`);
  const file = `voltbook_files_${query.start_day}_${query.end_day}`;
  return (
    <>
      <div class="title">
        <h1>
          Daily files
          <span class="whose">{`${format.day(query.start_day)} – ${format.day(query.end_day)}`}</span>
        </h1>
      </div>
      <section class="panel">
        <header class="panel-head">
          <h2>File days</h2>
          <ul class="legend">
            {[...counts].map(([name, those]) => (
              <li key={name}>
                <span class={`dot ${those[0].state.tone}`} aria-hidden="true">{those[0].state.sign}</span>
                {`${those[0].state.words} ${format.count(those.length)}`}
              </li>
            ))}
          </ul>
          <div class="tools">
            <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(COLUMNS, days))} aria-label="File days: save as CSV">CSV</button>
          </div>
        </header>
        <ol class="strip">
          {days.map(({ day, receipt, state }) => (
            <li key={day}>
              <button
                type="button"
                class={`file-day ${receipt === null ? "absent" : ""} ${state.tone}`}
                aria-pressed={place.file === day}
                disabled={receipt === null}
                title={[`${format.day(day)}: ${state.words}`, ...openPoints(receipt)].join(", ")}
                aria-label={[`${format.day(day)}: ${state.words}`, ...openPoints(receipt)].join(", ")}
                onClick={() => go({ file: place.file === day ? null : day })}
              >
                <span class="weekday">{format.weekdayOf(day)}</span>
                <span class="number">{format.dayShort(day)}</span>
                <span class="sign">{state.sign}</span>
                <span class="rows">{receipt?.rows ? format.count(receipt.rows) : "\u00a0"}</span>
              </button>
            </li>
          ))}
        </ol>
        {receipts.length === 0 && <p class="nothing">There is no daily file and no late notice for these days.</p>}
      </section>
      {detail}
    </>
  );
}

function Detail({ client, me, place, refresh, receipts }) {
  const { file } = place;
  // Loaded again when its entry in the list changes.
  const listed = receipts.find((receipt) => receipt.file_day === file);
  const key = file && JSON.stringify([file, listed ?? null]);
  const live = useLive(key, (signal) => client.get(`v1/files/${file}`, {}, { signal }), { once: true, onRefused: refresh.onRefused });
  if (!file) return <p class="nothing">Select a file day to see its receipt.</p>;
  const accept = may(me).change && live.refusal?.status === 404 && <p><AcceptButton day={file} /></p>;
  return (
    <Live live={live} onRefusal={accept}>
      {(found) => <FileDay {...{ found, client, me }} onRefused={refresh.onRefused} />}
    </Live>
  );
}

export function FilesControls({ place, go }) {
  const last = yesterday();
  const move = (by) => go({ until: plusDays(place.until, by), file: null });
  return (
    <div class="stepper" role="group" aria-label="File days">
      <button type="button" onClick={() => move(-STRIP_DAYS)} aria-label="Previous thirty file days">‹</button>
      <label class="field">
        <span>Up to</span>
        <input type="date" value={place.until} required onChange={(event) => event.currentTarget.value && go({ until: event.currentTarget.value, file: null })} />
      </label>
      <button type="button" onClick={() => move(STRIP_DAYS)} disabled={place.until >= last} aria-label="Next thirty file days">›</button>
      <button type="button" class="quiet" onClick={() => go({ until: last, file: null, follows: last })} disabled={place.until === last}>Last 30 days</button>
    </div>
  );
}
