// The day view: one delivery day of one trader, or of the whole desk.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { Badge } from "../badge.jsx";
import { LineCards } from "../cards.jsx";
import { Chart } from "../chart.jsx";
import { BUY_MW, LABEL, PNL, SELL_MW, TRADES } from "../columns.js";
import { isKnown, isUnknownLine, nothingTraded } from "../completeness.js";
import { runningPnl } from "../exact.js";
import { Density } from "../density.jsx";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live, Lost } from "../notices.jsx";
import { NewestDay } from "../newest.jsx";
import { usePalette } from "../palette.js";
import { RowTrades } from "../trades/row.jsx";
import { KnownTrader } from "../unknown.jsx";
import { hoursOption, hoursSummary, runningOption } from "./charts.js";
import { Hours } from "./hours.jsx";
import { exactColumns, tradeColumns } from "./trades.js";
import { Traders } from "./traders.jsx";
import { Unconfirmed } from "./unconfirmed.jsx";

// More trades than this are not loaded to draw them.
const MANY = 20_000;
const AGREEMENT_MILLISECONDS = 1000;
const AGREEMENT_TRIES = 5;

export function DayView({ client, place, go, refresh, onReport, retreat, mayChoose, known }) {
  const { trader, day } = place;
  const query = { trader_id: trader, start_day: day, end_day: day };
  const live = useLive(JSON.stringify(query), (signal) => client.get("v1/reports/pnl", query, { signal }), refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat}>
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
      <LineCards line={day.total} best={report.best_hour} worst={report.worst_hour} completeness={day.completeness} />
      <Unconfirmed {...{ client, report, refresh }} isLoaded={trades.value !== null} />
      {day.total.trades === 0 && (
        <Nothing ofDesk={ofDesk} trader={report.trader_id} day={day}>
          <NewestDay {...{ client, refresh }} trader={report.trader_id} />
        </Nothing>
      )}
      <div class="columns">
        <section class="panel table-panel">
          <header class="panel-head">
            <h2>By delivery hour</h2>
            <span class="hint">Berlin time; select an hour to see its trades</span>
            <div class="tools"><Density /></div>
          </header>
          <Hours day={day} openHour={openHour} onPick={pick} drill={drill} />
        </section>
        <div class="side">
          {report.traders && <Traders lines={report.traders} total={day.total} completeness={day.completeness} file={`${file}_traders`} />}
          <HoursChart day={day} file={file} onPick={pick} />
          <Running trades={trades} day={day} {...{ ofDesk, file }} />
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
  const load = async (signal) => ({ whose, trades: await client.trades(query, { signal }) });
  const live = useLive(wanted ? JSON.stringify([query, day.periods]) : null, load, { once: true, onRefused });
  const value = wanted && live.value?.whose === whose ? live.value.trades : null;
  return { ...live, value, wanted };
}

// A trade may be booked between the two requests, and an index is updated with a short delay: then both are loaded again.
function useAgreement(trades, expected, again) {
  const tries = useRef(0);
  useEffect(() => {
    if (trades.value === null || trades.stale || trades.value.notShown || trades.value.length === expected) {
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

const rowOf = ({ hours_in_period, pnl_eur, ...line }) => ({ ...line, minutes: 60 * hours_in_period, cash_eur: pnl_eur });

const HOURS_COLUMNS = [{ ...LABEL, head: "Hour" }, TRADES, BUY_MW, SELL_MW, PNL];

function HoursChart({ day, file, onPick }) {
  const palette = usePalette();
  const option = useMemo(() => hoursOption(day.periods, palette), [day, palette]);
  return (
    <Chart
      title="MW and PnL by hour"
      summary={hoursSummary(day)}
      option={option}
      columns={HOURS_COLUMNS}
      rows={day.periods}
      file={`${file}_hours`}
      isUnknown={isUnknownLine(day.completeness)}
      empty={day.total.trades ? null : nothingTraded(day.completeness)}
      onPick={({ dataIndex }) => day.periods[dataIndex].trades && onPick(day.periods[dataIndex].label)}
    />
  );
}

const NO_TRADES = [];

function emptiness(trades, { total, completeness }) {
  if (!total.trades) return nothingTraded(completeness);
  return trades.wanted ? null : `${format.plural(total.trades, "trade")} are too many to draw at once. Open an hour to see its trades.`;
}

function Running({ trades, day, ofDesk, file }) {
  const palette = usePalette();
  const loaded = trades.value ?? NO_TRADES;
  const steps = useMemo(() => runningPnl(loaded), [loaded]);
  const option = useMemo(() => runningOption(loaded, palette), [loaded, palette]);
  const end = steps.at(-1)?.pnl_eur ?? "0.00";
  const soFar = { name: "pnl_so_far", head: "PnL so far", unit: "EUR", of: (step) => step.pnl_eur, show: format.pnl, tone: true };
  const ofStep = (columns) => [...columns.map((column) => ({ ...column, of: (step) => column.of(step.trade), sort: column.sort && ((step) => column.sort(step.trade)) })), soFar];
  return (
    <Chart
      title="PnL by execution time"
      summary={`By execution time, Berlin. It ends at ${format.pnl(end)} EUR.`}
      option={option}
      columns={ofStep(exactColumns(ofDesk))}
      rows={steps}
      shown={ofStep(tradeColumns(ofDesk))}
      file={`${file}_running`}
      empty={emptiness(trades, day)}
    >
      {trades.lost && <Lost lost={trades.lost} at={trades.at} again={trades.again} />}
      {loaded.notShown > 0 && <p class="hint">Without trades that are not of whole hours and MW</p>}
    </Chart>
  );
}
