// The home: what is open today and tomorrow, as it is now.

import { useEffect, useState } from "preact/hooks";
import { Card } from "../cards.jsx";
import { dayOf, isDay, plusDays } from "../days.js";
import { Density } from "../density.jsx";
import { csvOf, saveCsv } from "../download.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { useMinute } from "../now.js";
import { BlankChart, Skeleton } from "../skeleton.jsx";
import { Head, Scroller } from "../table.jsx";
import { KnownTrader } from "../unknown.jsx";
import { Figures } from "./figures.jsx";
import { Market, marketMarks } from "./market.jsx";
import { COLUMNS, Coming, DELIVERY, Positions, nameOf } from "./positions.jsx";
import { WINDOWS, windowOf, withMeanPower } from "./slots.js";

const NARROW = "screen and (max-width: 46rem)";
const WALL_ROWS = 12;

// The minutes of a row: as chosen, otherwise hours on a phone and quarter-hours elsewhere.
function useGrain(chosen) {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const changed = () => setNarrow(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return chosen ? Number(chosen) : isNarrow ? 60 : 15;
}

async function loaded(client, { trader, days, withHours }, signal) {
  const positions = (day, grain) => client.get("v2/positions", { day, grain, trader_id: trader }, { signal });
  const of = async (day) => {
    const [quarters, hours] = await Promise.all([positions(day, 15), withHours ? positions(day, 60) : null]);
    return { day, asOf: quarters.as_of, quarters: quarters.slots, hours: hours?.slots.map(withMeanPower) ?? null, total: quarters.total };
  };
  return { trader, days: await Promise.all(days.map(of)), withHours };
}

export function TodayView({ client, me, place, go, refresh, onReport, retreat, mayChoose, known }) {
  const now = useMinute(refresh.paused);
  const today = dayOf(now);
  const first = place.from ?? today;
  const chosen = useGrain(place.grain);
  const days = [first, plusDays(first, 1)].filter(isDay);
  const asked = { trader: place.trader, days, withHours: chosen === 60 || place.kiosk !== null };
  const live = useLive(JSON.stringify(asked), (signal) => loaded(client, asked, signal), refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat} waiting={place.kiosk ? undefined : <Reading {...{ days, today, place, me, mayChoose }} />}>
      {(value) => {
        const grain = chosen === 60 && value.withHours ? 60 : 15;
        const whose = value.trader ?? (mayChoose ? "Whole desk" : me.trader_id ?? me.name);
        const shown = { ...value, today, now, grain, place, go, client, refresh, whose, ofDesk: mayChoose && value.trader === null };
        return (
          <>
            <Title {...shown} />
            <KnownTrader
              {...{ client, refresh, known }}
              trader={mayChoose ? value.trader : null}
              isEmpty={value.days.every(({ total }) => total.trades === 0)}
              until={value.days.at(-1).day}
            >
              {() => (place.kiosk ? <Wall {...shown} /> : <Desk {...shown} />)}
            </KnownTrader>
          </>
        );
      }}
    </Live>
  );
}

const BLANK_ROWS = 96;

// The places of two days that are being read.
function Reading({ days, today, place, me, mayChoose }) {
  const open = days.map((day) => `Open, ${nameOf(day, today)}`);
  const names = [...(days[0] === today ? ["In delivery now", "Open, next 4 hours"] : []), ...open, "Bought", "Sold", "Cash"];
  const size = (name) => (name === open[0] || name === "Cash" ? "large" : "medium");
  return (
    <Skeleton title={`${days[0] === today ? "Today · " : ""}${format.day(days[0])}`} whose={place.trader ?? (mayChoose ? "Whole desk" : me.trader_id ?? me.name)} reading="the positions of two days" hasBadge={false}>
      <dl class="cards">
        {names.map((name) => <Card key={name} name={name} value={null} show={format.energy} unit="MWh" size={size(name)}>{format.NONE}</Card>)}
      </dl>
      <div class="columns">
        <section class="panel table-panel">
          <header class="panel-head">
            <h2>Open positions</h2>
            <Key />
            <div class="tools"><span class="hint">Reading the positions of two days…</span><Density /><button type="button" class="quiet">CSV</button></div>
          </header>
          <Scroller label="Open positions" tall>
            <table class="hours slots">
              <Head first={DELIVERY} columns={COLUMNS} onSort={() => {}} />
              <tbody>
                {Array.from({ length: BLANK_ROWS }, (_, row) => (
                  <tr key={row}>
                    <th scope="row">{format.NONE}</th>
                    {COLUMNS.map((column) => <td key={column.name} class={`num${column.minor ? " minor" : ""}`}>{format.NONE}</td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        </section>
        <div class="side">
          {days.map((day) => <BlankChart key={day} title={`Market ${nameOf(day, today)}`} reading="Reading prices and own trades by quarter-hour…" marks={marketMarks([])} />)}
        </div>
      </div>
    </Skeleton>
  );
}

function Title({ days: [{ day }], today, now, whose, place }) {
  return (
    <div class="title">
      <h1>
        {day === today && "Today · "}
        {format.day(day)}
        <span class="whose">{whose}</span>
      </h1>
      {place.kiosk && <p class="clock">{format.hourAndMinute(now)}</p>}
    </div>
  );
}

// The times are those of the book for every venue; a venue may close earlier.
function Key() {
  return (
    <details class="windows">
      <summary>
        {Object.entries(WINDOWS).map(([name, { words, sign }]) => (
          <span key={name} class={`window ${name}`}>
            <span aria-hidden="true">{sign}</span> {words}
          </span>
        ))}
      </summary>
      <div class="meanings">
        <dl>
          {Object.entries(WINDOWS).map(([name, { words, means }]) => (
            <div key={name}>
              <dt>{words}</dt>
              <dd>{means}</dd>
            </div>
          ))}
        </dl>
        <p class="hint">By the clock alone, for every venue: a venue may end its trading earlier.</p>
      </div>
    </details>
  );
}

function Desk({ days, trader, whose, today, now, grain, place, go, client, refresh, ofDesk }) {
  const file = `voltbook_positions_${days[0].day}_${trader ?? "desk"}`;
  const pick = (slot) => go({ slot });
  const rows = days.flatMap((of) => (grain === 60 ? of.hours : of.quarters));
  const columns = [
    { name: "start", of: (row) => row.start, text: true },
    { name: "delivery", of: (row) => row.label, text: true },
    { name: "window", of: (row) => windowOf(row, now), text: true },
    ...COLUMNS,
  ];
  return (
    <>
      <Figures {...{ days, today, now }} />
      <div class="columns">
        <section class="panel table-panel">
          <header class="panel-head">
            <h2>Open positions</h2>
            <Key />
            <div class="tools">
              {[["15", "Quarter-hours"], ["60", "Hours"]].map(([value, words]) => (
                <button key={value} type="button" class="quiet" aria-pressed={Number(value) === grain} onClick={() => go({ grain: value, slot: null })}>
                  {words}
                </button>
              ))}
              <Density />
              <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label="Open positions: save as CSV">CSV</button>
            </div>
          </header>
          <Positions {...{ days, trader, today, now, grain, pick, client, ofDesk, refresh }} open={place.slot} />
        </section>
        <div class="side">
          <Markets {...{ days, whose, today, now, file }} onPick={pick} />
        </div>
      </div>
    </>
  );
}

function Wall({ days, whose, today, now }) {
  return (
    <>
      <Figures {...{ days, today, now }} isWall />
      <div class="columns">
        <section class="panel table-panel">
          <Coming {...{ days, today, now }} most={WALL_ROWS} />
        </section>
        <div class="side">
          <Markets {...{ days, whose, today, now }} file="voltbook" onPick={() => {}} />
        </div>
      </div>
    </>
  );
}

function Markets({ days, whose, today, now, file, onPick }) {
  return days.map(({ day, asOf, quarters }) => (
    <Market
      key={day}
      title={`Market ${nameOf(day, today)}`}
      now={now}
      slots={quarters}
      file={`${file}_${day}`}
      {...{ day, asOf, whose, onPick }}
    />
  ));
}
