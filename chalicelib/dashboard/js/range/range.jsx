// The range view: days side by side, hours by days, traders side by side.

import { useCallback, useEffect, useMemo } from "preact/hooks";
import { Badge } from "../badge.jsx";
import { LineCards } from "../cards.jsx";
import { Chart } from "../chart.jsx";
import { finality, nothingTraded, stateInWords } from "../completeness.js";
import { daysCounted } from "../days.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { NewestDay } from "../newest.jsx";
import { BlankCards, BlankChart, Skeleton } from "../skeleton.jsx";
import { KnownTrader } from "../unknown.jsx";
import { bestAndWorst } from "../value.js";
import { HOURS, cellsOf, dailyMarks, dailyOption, heatMarks, heatOption, noteOf, rowsOf, soFar, allOf } from "./charts.js";
import { METRIC } from "./metrics.js";
import { reportOf } from "./report.js";
import { Scorecard } from "./scorecard.jsx";

export function RangeView({ client, me, place, go, refresh, onReport, retreat, mayChoose, known }) {
  const query = { trader_id: place.trader, start_day: place.start, end_day: place.end };
  const load = async (signal) => {
    const [report, scorecard] = await Promise.all([reportOf(client, query, signal), client.get("v1/reports/scorecard", query, { signal })]);
    return [report.completeness ? report : ofParts(report, scorecard), scorecard];
  };
  const live = useLive(JSON.stringify(query), load, refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat} waiting={<Reading {...{ place, me, mayChoose }} />}>
      {([report, scorecard]) => (
        <>
          <Title report={report} />
          <KnownTrader
            {...{ client, refresh, known }}
            trader={mayChoose ? report.trader_id : null}
            isEmpty={report.total.trades === 0}
            until={report.end_day}
          >
            {() => <Range {...{ client, refresh, report, scorecard, place, go, mayChoose }} />}
          </KnownTrader>
        </>
      )}
    </Live>
  );
}

// A CSV changes names that a spreadsheet would run; the cards, in the same order, have them.
const ofParts = (report, { traders, completeness }) => ({
  ...report,
  completeness,
  traders: report.traders?.map((line, index) => ({ ...line, label: traders[index]?.trader_id ?? line.label })) ?? null,
});

// The places of a range that is being read.
function Reading({ place: { trader, start, end, metric }, me, mayChoose }) {
  const { name } = METRIC[metric];
  const days = format.plural(daysCounted(start, end), "day");
  return (
    <Skeleton title={format.days(start, end)} whose={trader ?? (mayChoose ? "Whole desk" : me.trader_id ?? me.name)} reading={`${days} and their hours`}>
      <BlankCards day={end} isRange />
      <div class="stack">
        <BlankChart title={`${name} by day`} reading={`Reading ${days}…`} />
        <BlankChart title={`${name} by hour and day`} reading={`Reading ${HOURS.length} hours of ${days}…`} size="tall" />
      </div>
    </Skeleton>
  );
}

function Title({ report }) {
  return (
    <div class="title">
      <h1>
        {`${format.day(report.start_day)} – ${format.day(report.end_day)}`}
        <span class="whose">{report.trader_id ?? "Whole desk"}</span>
      </h1>
      <Badge completeness={report.completeness} isRange />
    </div>
  );
}

function Range({ client, refresh, report, scorecard, place, go, mayChoose }) {
  const metric = METRIC[place.metric];
  const file = `voltbook_${report.start_day}_${report.end_day}_${report.trader_id ?? "desk"}`;
  const lines = useMemo(() => report.days.flatMap((day) => day.periods), [report]);
  const toDay = (day, hour = null) => go({ view: "day", day, hour });
  return (
    <>
      <LineCards line={report.total} lines={lines} {...bestAndWorst(report.days)} completeness={report.completeness} />
      {report.total.trades === 0 && (
        <p class="notice" role="status">
          {nothingTraded(report.completeness)}
          <NewestDay {...{ client, refresh }} trader={report.trader_id} />
        </p>
      )}
      <div class="stack">
        <Daily {...{ report, metric, file, toDay }} />
        <Heat {...{ report, metric, file, toDay }} />
        <Scorecard {...{ report, scorecard, mayChoose }} file={`${file}_scorecard`} />
      </div>
    </>
  );
}

function Daily({ report, metric, file, toDay }) {
  const { days } = report;
  const draw = useCallback((palette, width) => dailyOption(days, metric, palette, width), [days, metric]);
  const rows = useMemo(() => {
    const exact = days.map((day) => metric.of(day.total));
    const running = soFar(days, metric);
    return days.map((day, index) => ({ day, exact: exact[index], running: running[index] }));
  }, [days, metric]);
  const columns = [
    { name: "delivery_day", head: "Day", text: true, words: format.day, of: (row) => row.day.delivery_day },
    { name: metric.name, head: metric.name, unit: metric.unit, of: (row) => row.exact, show: metric.show, tone: metric.tone },
    { name: "so_far", head: "So far", unit: metric.unit, of: (row) => row.running, show: metric.show, tone: metric.tone },
    { name: "data", head: "Data", text: true, prose: true, of: (row) => stateInWords(row.day.completeness) },
  ];
  return (
    <Chart
      title={`${metric.name} by day`}
      summary={`${format.plural(days.length, "day")}; the sum is ${metric.show(allOf(days, metric))} ${metric.unit}.`}
      draw={draw}
      columns={columns}
      rows={rows}
      file={`${file}_days`}
      about={aboutOf(report, metric)}
      marks={dailyMarks(days, metric)}
      onPick={([index]) => days[index] && toDay(days[index].delivery_day)}
      empty={rows.every((row) => row.exact === null) ? emptiness(metric, report) : null}
    />
  );
}

const aboutOf = ({ trader_id, start_day, end_day, completeness }, { unit }) => ({
  days: start_day === end_day ? format.day(start_day) : format.days(start_day, end_day),
  whose: trader_id ?? "Whole desk",
  state: finality(completeness),
  unit: unit || "number of trades",
});

function emptiness(metric, { days, completeness }) {
  const traded = days.some((day) => day.total.trades);
  if (traded && metric === METRIC.fees) return "No venue of these trades has a rate of fees.";
  if (traded) return "No day has a reference price for every traded hour.";
  return nothingTraded(completeness);
}

function Heat({ report, metric, file, toDay }) {
  const { days } = report;
  const draw = useCallback((palette, width) => heatOption(days, metric, palette, width), [days, metric]);
  const rows = useMemo(() => cellsOf(days), [days]);
  const columns = [
    { name: "delivery_day", head: "Day", text: true, words: format.day, of: (cell) => cell.day.delivery_day },
    { name: "hour", head: "Hour", text: true, words: format.slot, of: (cell) => cell.label },
    { name: metric.name, head: metric.name, unit: metric.unit, of: (cell) => cell.line && metric.of(cell.line), show: metric.show, tone: metric.tone },
    { name: "note", head: "Note", text: true, of: noteOf },
  ];
  const picked = ([day, hour]) => {
    const cell = rows.find(({ x, y }) => x === day && y === hour);
    if (cell?.line?.trades) toDay(cell.day.delivery_day, cell.label);
  };
  return (
    <Chart
      title={`${metric.name} by hour and day`}
      summary={`${rowsOf(days).length} delivery hours by ${format.plural(days.length, "day")}.`}
      draw={draw}
      columns={columns}
      rows={rows}
      file={`${file}_heatmap`}
      about={aboutOf(report, metric)}
      marks={heatMarks(days, metric)}
      size="tall"
      onPick={picked}
    />
  );
}
