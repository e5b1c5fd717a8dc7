// The day view: one delivery day of one trader, or of the whole desk.

import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { Badge } from "../badge.jsx";
import { LineCards } from "../cards.jsx";
import { Chart } from "../chart.jsx";
import { BUY_MWH, LABEL, MADE_OF_HOURS, SELL_MWH, TRADES } from "../columns.js";
import { finality, isKnown, isUnknownLine, nothingTraded } from "../completeness.js";
import { runningPnl } from "../exact.js";
import { Density } from "../density.jsx";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live, Lost } from "../notices.jsx";
import { NewestDay } from "../newest.jsx";
import { BlankCards, BlankChart, Skeleton, blankDay } from "../skeleton.jsx";
import { RowTrades } from "../trades/row.jsx";
import { KnownTrader } from "../unknown.jsx";
import { bestAndWorst } from "../value.js";
import { HOURS_MARKS, comparedMarks, hoursOption, hoursSummary, runningOption } from "./charts.js";
import { comparisonsOf, leftOut, useSwitches, useWeekBefore } from "./compare.js";
import { Hours } from "./hours.jsx";
import { exactColumns, tradeColumns } from "./trades.js";
import { Traders } from "./traders.jsx";
import { Unconfirmed } from "./unconfirmed.jsx";

// More trades than this are not loaded to draw them.
const MANY = 20_000;
const AGREEMENT_MILLISECONDS = 1000;
const AGREEMENT_TRIES = 5;

export function DayView({ client, me, place, go, refresh, onReport, retreat, mayChoose, known }) {
  const { trader, day } = place;
  const query = { trader_id: trader, start_day: day, end_day: day };
  const live = useLive(JSON.stringify(query), (signal) => client.get("v2/reports/pnl", query, { signal }), refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat} waiting={<Reading {...{ day, trader, me, mayChoose }} />}>
      {(report) => (
        <>
          <Title report={report} />
          <KnownTrader
            {...{ client, refresh, known }}
            trader={mayChoose ? report.trader_id : null}
            isEmpty={report.total.trades === 0}
            until={report.end_day}
          >
            {() => <Day report={report} {...{ client, place, go, refresh }} again={live.again} />}
          </KnownTrader>
        </>
      )}
    </Live>
  );
}

const BLANK_TRADERS = 7;

// The places of a day that is being read.
function Reading({ day, trader, me, mayChoose }) {
  const { delivery_day, ...blank } = blankDay(day);
  const switches = comparedMarks(comparisonsOf({ delivery_day, periods: [] }, null), () => {});
  return (
    <Skeleton title={format.day(day)} whose={trader ?? (mayChoose ? "Whole desk" : me.trader_id ?? me.name)} reading="the hours and their totals">
      <BlankCards day={day} />
      <div class="columns">
        <HoursPanel hint="Reading 24 delivery hours…">
          <Hours day={{ delivery_day, ...blank }} openHour={null} onPick={() => {}} drill={() => null} />
        </HoursPanel>
        <div class="side">
          {mayChoose && trader === null && <Traders lines={blank.periods.slice(0, BLANK_TRADERS)} total={blank.total} completeness={blank.completeness} file="" />}
          <BlankChart title="Energy and total by hour" reading="Reading 24 delivery hours…" marks={[...HOURS_MARKS, ...switches]} note={READING_WEEK} />
          <BlankChart title="Cash by execution time" reading="Reading the trades…" marks={RUNNING_MARKS} note={IN_ORDER} />
        </div>
      </div>
    </Skeleton>
  );
}

function HoursPanel({ hint, children }) {
  return (
    <section class="panel table-panel">
      <header class="panel-head">
        <h2>By delivery hour</h2>
        <span class="hint">{hint}</span>
        <div class="tools"><Density /></div>
      </header>
      {children}
    </section>
  );
}

function Title({ report: { trader_id, days } }) {
  const [{ delivery_day, completeness }] = days;
  return (
    <div class="title">
      <h1>
        {format.day(delivery_day)}
        <span class="whose">{trader_id ?? "Whole desk"}</span>
      </h1>
      <Badge completeness={completeness} />
    </div>
  );
}

function Day({ report, client, place, go, refresh, again }) {
  const [day] = report.days;
  const ofDesk = report.trader_id === null;
  const file = `voltbook_${day.delivery_day}_${report.trader_id ?? "desk"}`;
  const trades = useTrades(client, report, refresh);
  const openHour = place.hour;
  const pick = (hour) => go({ hour });
  const drill = (line) => <RowTrades {...{ client, ofDesk, refresh }} row={rowOf(line)} day={day.delivery_day} trader={report.trader_id} />;
  useAgreement(trades, day.total.trades, again);
  return (
    <>
      <LineCards line={day.total} {...bestAndWorst(report.days)} completeness={day.completeness} />
      <Unconfirmed {...{ client, report, refresh }} isLoaded={trades.value !== null} />
      {day.total.trades === 0 && (
        <Nothing ofDesk={ofDesk} trader={report.trader_id} day={day}>
          <NewestDay {...{ client, refresh }} trader={report.trader_id} />
        </Nothing>
      )}
      <div class="columns">
        <HoursPanel hint="Berlin time; select an hour to see its trades">
          <Hours day={day} openHour={openHour} onPick={pick} drill={drill} />
        </HoursPanel>
        <div class="side">
          {report.traders && <Traders lines={report.traders} total={day.total} completeness={day.completeness} file={`${file}_traders`} />}
          <HoursChart {...{ report, client, refresh, file }} onPick={pick} />
          <Running {...{ report, trades, file }} />
        </div>
      </div>
    </>
  );
}

// The day's trades, loaded again when the report changes. Trades of another day are discarded.
function useTrades(client, report, { onRefused }) {
  const [day] = report.days;
  const wanted = day.total.trades > 0 && day.total.trades <= MANY;
  const query = { trader_id: report.trader_id, delivery_day: day.delivery_day };
  const whose = JSON.stringify(query);
  const load = async (signal) => ({ whose, trades: await client.statements(query, { signal }) });
  const live = useLive(wanted ? JSON.stringify([query, day.periods]) : null, load, { once: true, onRefused });
  const value = wanted && live.value?.whose === whose ? live.value.trades : null;
  return { ...live, value, wanted };
}

// A trade may be booked between the two requests, and an index is updated with a short delay: then both are loaded again.
function useAgreement(trades, expected, again) {
  const tries = useRef(0);
  useEffect(() => {
    if (trades.value === null || trades.stale || trades.value.length === expected) {
      tries.current = 0;
      return undefined;
    }
    if (tries.current++ >= AGREEMENT_TRIES) return undefined;
    const timer = setTimeout(() => [again(), trades.again()], AGREEMENT_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [trades.value, trades.stale, expected]);
}

function Nothing({ ofDesk, trader, day, children }) {
  return (
    <p class="notice" role="status">
      {ofDesk ? "The desk has" : `${trader} has`}
      {` no trades for delivery on ${format.day(day.delivery_day)}`}
      {isKnown(day.completeness) ? "." : ` in the book. ${nothingTraded(day.completeness)}`}
      {children}
    </p>
  );
}

const rowOf = (line) => ({ ...line, cash_eur: line.pnl_eur });

const HOURS_COLUMNS = [{ ...LABEL, head: "Hour" }, TRADES, BUY_MWH, SELL_MWH, ...MADE_OF_HOURS];

const aboutOf = ({ trader_id, days: [{ delivery_day, completeness }] }, unit) => ({
  days: format.day(delivery_day),
  whose: trader_id ?? "Whole desk",
  state: finality(completeness),
  unit,
});

const READING_WEEK = "Reading the 7 days before…";

function noteOf({ days, lost, refusal }, off) {
  if (off.size === 2) return "Not compared with the days before.";
  if (refusal) return `The 7 days before cannot be read: ${refusal.message}.`;
  if (lost) return "The 7 days before cannot be read; trying again.";
  return days === null ? READING_WEEK : leftOut(days) ?? "Compared with the 7 days before, all of them final.";
}

function HoursChart({ report, client, refresh, file, onPick }) {
  const [day] = report.days;
  const [off, toggle] = useSwitches();
  const week = useWeekBefore(client, report, day.total.trades > 0 && off.size < 2, refresh);
  const compared = useMemo(() => comparisonsOf(day, week.days).map((one) => ({ ...one, isOff: off.has(one.name) })), [day, week.days, off]);
  const shown = useMemo(() => compared.filter(({ isOff, amounts }) => !isOff && amounts), [compared]);
  const draw = useCallback((palette) => hoursOption(day.periods, palette, shown), [day, shown]);
  const columns = shown.map(({ name, details, amounts }) => ({ name: `total_${name}`, head: details, unit: "EUR", lasting: true, of: (line) => amounts[day.periods.indexOf(line)], show: format.pnl, tone: true }));
  return (
    <Chart
      title="Energy and total by hour"
      summary={hoursSummary(day)}
      draw={draw}
      columns={[...HOURS_COLUMNS, ...columns]}
      rows={day.periods}
      file={`${file}_hours`}
      about={aboutOf(report, "MWh; total in EUR")}
      marks={[...HOURS_MARKS, ...comparedMarks(compared, toggle)]}
      note={day.total.trades ? noteOf(week, off) : null}
      isUnknown={isUnknownLine(day.completeness)}
      empty={day.total.trades ? null : nothingTraded(day.completeness)}
      onPick={([index]) => day.periods[index]?.trades && onPick(day.periods[index].label)}
    />
  );
}

const IN_ORDER = "All trades in the order of their execution.";
const NO_TRADES = [];
const RUNNING_MARKS = [{ look: "line", colour: (palette) => palette.accent, words: "cash of the trades so far" }];

function emptiness(trades, { total, completeness }) {
  if (!total.trades) return nothingTraded(completeness);
  return trades.wanted ? null : `${format.plural(total.trades, "trade")} are too many to draw at once. Open an hour to see its trades.`;
}

function Running({ report, trades, file }) {
  const [day] = report.days;
  const ofDesk = report.trader_id === null;
  const loaded = trades.value ?? NO_TRADES;
  const steps = useMemo(() => runningPnl(loaded), [loaded]);
  const draw = useCallback((palette, width) => runningOption(loaded, palette, width), [loaded]);
  const empty = emptiness(trades, day);
  const soFar = { name: "cash_so_far", head: "Cash so far", unit: "EUR", of: (step) => step.pnl_eur, show: format.pnl, tone: true };
  const ofStep = (columns) => [...columns.map((column) => ({ ...column, of: (step) => column.of(step.trade), sort: column.sort && ((step) => column.sort(step.trade)) })), soFar];
  const isWaiting = empty === null && trades.value === null;
  return (
    <Chart
      title="Cash by execution time"
      summary={isWaiting ? "Being read." : `By execution time, Berlin. It ends at ${format.pnl(steps.at(-1)?.pnl_eur ?? "0.00")} EUR.`}
      draw={draw}
      columns={ofStep(exactColumns(ofDesk))}
      rows={steps}
      shown={ofStep(tradeColumns(ofDesk))}
      file={`${file}_running`}
      about={aboutOf(report, "EUR; execution time in Berlin")}
      marks={RUNNING_MARKS}
      note={IN_ORDER}
      waiting={isWaiting ? trades.lost?.message ?? `Reading ${format.plural(day.total.trades, "trade")}…` : null}
      empty={empty}
    >
      {trades.lost && <Lost lost={trades.lost} at={trades.at} again={trades.again} />}
    </Chart>
  );
}
