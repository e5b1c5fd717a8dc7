// The files view: the feeds of trades, thirty file days of one as a strip, and the receipt of one of them.

import { useEffect, useRef } from "preact/hooks";
import { FILE_DAYS } from "../address.js";
import { csvOf, saveCsv } from "../download.js";
import { daysBetween, plusDays, yesterday } from "../days.js";
import * as format from "../format.js";
import { SIDEWAYS, moveAmong } from "../keys.js";
import { Link } from "../link.jsx";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { may } from "../actions/open.js";
import { Feeds } from "./feed-table.jsx";
import { DAILY, feedsOfTrades, filesOf } from "./feeds.js";
import { AcceptButton, FileDay } from "./receipt.jsx";
import { hasOpenRows, isUnconfirmed, stateNamed, stateOf } from "./states.js";

export function FilesView({ client, me, place, refresh, onReport }) {
  const range = { start_day: plusDays(place.until, 1 - FILE_DAYS), end_day: place.until };
  const name = place.feed ?? DAILY;
  const beginnings = useRef(new Map());
  const load = async (signal) => {
    const [feeds, receipts] = await Promise.all([feedsOfTrades(client, signal), filesOf(client, name, range, signal)]);
    const feed = feeds.find((one) => one.name === name);
    return { feeds, receipts, feed, range, first: await firstDay(feed, receipts, signal) };
  };
  // The first file day there is, if it is in this window or after it; null if there are files before it. Days before it miss no file.
  async function firstDay(feed, receipts, signal) {
    const found = receipts.map(({ file_day }) => file_day).sort()[0] ?? feed?.newest_file_day ?? null;
    if (found === null || found <= range.start_day) return null;
    const before = { start_day: plusDays(range.start_day, -FILE_DAYS), end_day: plusDays(range.start_day, -1) };
    const key = JSON.stringify([name, before]);
    if (!beginnings.current.has(key)) beginnings.current.set(key, (await filesOf(client, name, before, signal)).length === 0);
    return beginnings.current.get(key) ? found : null;
  }
  const live = useLive(JSON.stringify([name, range]), load, refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  const retreat = <Link change={{ feed: null, file: null }}>Show the daily file</Link>;
  return (
    <Live live={live} onRefusal={place.feed && retreat}>
      {(value) => <Strip {...{ ...value, place }} detail={<Detail {...{ client, me, place, refresh, ...value }} />} />}
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

const alongDays = (event) => moveAmong(event, [...event.currentTarget.querySelectorAll("a")], SIDEWAYS);

function Strip({ feeds, feed, receipts, range, first, place, detail }) {
  const byDay = new Map(receipts.map((receipt) => [receipt.file_day, receipt]));
  const days = daysBetween(range.start_day, range.end_day).map((day) => {
    const receipt = byDay.get(day) ?? null;
    return { day, receipt, state: receipt === null && first !== null && day < first ? stateNamed("before") : stateOf(receipt, day, feed) };
  });
  const counts = Map.groupBy(days, ({ state }) => `${state.name} ${state.tone}`);
  const file = `voltbook_files_${feed.name === DAILY ? "" : `${feed.name}_`}${range.start_day}_${range.end_day}`;
  return (
    <>
      <div class="title">
        <h1>
          {feed.name === DAILY ? "Daily files" : `Files of ${feed.name}`}
          <span class="whose">{format.days(range.start_day, range.end_day)}</span>
        </h1>
      </div>
      {feeds.length > 1 && <Feeds {...{ feeds, feed }} />}
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
        <ol class="strip" onKeyDown={alongDays}>
          {days.map((one) => <li key={one.day}><FileDayLink {...one} isOpen={place.file === one.day} /></li>)}
        </ol>
        {receipts.length === 0 && <p class="nothing">There is no file and no late notice for these days.</p>}
      </section>
      {detail}
    </>
  );
}

function FileDayLink({ day, receipt, state, isOpen }) {
  const words = [`${format.day(day)}: ${state.words}`, ...openPoints(receipt)].join(", ");
  const content = (
    <>
      <span class="weekday">{format.weekdayOf(day)}</span>
      <span class="number">{format.dayShort(day)}</span>
      <span class="sign">{state.sign}</span>
      <span class="rows">{receipt?.rows ? format.count(receipt.rows) : "\u00a0"}</span>
    </>
  );
  if (receipt === null) return <span class={`file-day absent ${state.tone}`} role="img" title={words} aria-label={words}>{content}</span>;
  return <Link class={`file-day ${state.tone}`} change={{ file: isOpen ? null : day }} aria-current={isOpen ? "true" : undefined} title={words} aria-label={words}>{content}</Link>;
}

function Detail({ client, me, place, refresh, receipts, feed }) {
  const { file } = place;
  // Loaded again when its entry in the list changes.
  const listed = receipts.find((receipt) => receipt.file_day === file);
  const path = `v2/files/${feed.name}/${file}`;
  const key = file && JSON.stringify([path, listed ?? null]);
  const live = useLive(key, (signal) => client.get(path, {}, { signal }), { once: true, onRefused: refresh.onRefused });
  if (!file) return <p class="nothing">Select a file day to see its receipt.</p>;
  const accept = may(me).change && live.refusal?.status === 404 && <p><AcceptButton day={file} feed={feed.name} /></p>;
  return (
    <Live live={live} onRefusal={accept}>
      {(found) => <FileDay {...{ found, client, me }} onRefused={refresh.onRefused} />}
    </Live>
  );
}

export function FilesControls({ place, go }) {
  const last = yesterday();
  const move = (by) => go({ until: plusDays(place.until, by), file: null }, { step: "until" });
  return (
    <div class="stepper" role="group" aria-label="File days">
      <button type="button" onClick={() => move(-FILE_DAYS)} aria-label="Previous thirty file days">‹</button>
      <label class="field">
        <span>Up to</span>
        <input type="date" value={place.until} required onChange={(event) => event.currentTarget.value && go({ until: event.currentTarget.value, file: null })} />
      </label>
      <button type="button" onClick={() => move(FILE_DAYS)} disabled={place.until >= last} aria-label="Next thirty file days">›</button>
      <button type="button" class="quiet" onClick={() => go({ until: last, file: null, follows: last })} disabled={place.until === last}>Last 30 days</button>
    </div>
  );
}
