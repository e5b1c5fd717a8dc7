// The range view: days side by side, hours by days, traders side by side.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Badge } from "../badge.jsx";
import { LineCards } from "../cards.jsx";
import { Chart } from "../chart.jsx";
import { isMissing, nothingTraded, stateInWords } from "../completeness.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { NewestDay } from "../newest.jsx";
import { usePalette } from "../palette.js";
import { KnownTrader } from "../unknown.jsx";
import { HOURS, cellsOf, dailyOption, emptyKinds, heatOption, noteOf, soFar } from "./charts.js";
import { METRIC } from "./metrics.js";
import { Scorecard } from "./scorecard.jsx";

export function RangeView({ client, place, go, refresh, onReport, retreat, mayChoose, known }) {
  const query = { trader_id: place.trader, start_day: place.start, end_day: place.end };
  const load = (signal) =>
    Promise.all(["v1/reports/pnl", "v1/reports/scorecard"].map((path) => client.get(path, query, { signal })));
  const live = useLive(JSON.stringify(query), load, refresh);
  useEffect(() => onReport(live), [live.value, live.at, live.asking, live.lost]);
  return (
    <Live live={live} onRefusal={retreat}>
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

function Title({ report }) {
  return (
    <div class="title">
      <h1>
        {`${format.day(report.start_day)} – ${format.day(report.end_day)}`}
        <span class="whose">{report.trader_id ?? "Whole desk"}</span>
      </h1>
      {report.completeness && <Badge completeness={report.completeness} isRange />}
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
      <LineCards line={report.total} lines={lines} best={report.best_hour} worst={report.worst_hour} completeness={report.completeness} />
      {report.total.trades === 0 && (
        <p class="notice" role="status">
          {nothingTraded(report.completeness)}
          <NewestDay {...{ client, refresh }} trader={report.trader_id} />
        </p>
      )}
      <div class="stack">
        <Daily {...{ report, metric, file, toDay }} />
        <Heat {...{ report, metric, file, toDay }} />
        {scorecard && <Scorecard scorecard={scorecard} file={`${file}_scorecard`} mayChoose={mayChoose} />}
      </div>
    </>
  );
}

function Daily({ report, metric, file, toDay }) {
  const { days } = report;
  const palette = usePalette();
  const option = useMemo(() => dailyOption(days, metric, palette), [days, metric, palette]);
  const rows = useMemo(() => {
    const exact = days.map((day) => metric.of(day.total));
    const running = soFar(days, metric);
    return days.map((day, index) => ({ day, exact: exact[index], running: running[index] }));
  }, [days, metric]);
  const columns = [
    { name: "delivery_day", head: "Day", text: true, of: (row) => row.day.delivery_day },
    { name: metric.name, head: metric.name, unit: metric.unit, of: (row) => row.exact, show: metric.show, tone: metric.tone },
    { name: "so_far", head: "So far", unit: metric.unit, of: (row) => row.running, show: metric.show, tone: metric.tone },
    { name: "data", head: "Data", text: true, prose: true, of: (row) => stateInWords(row.day.completeness) },
  ];
  return (
    <Chart
      title={`${metric.name} by day`}
      summary={`${format.plural(days.length, "day")}; the sum is ${metric.show(rows.findLast(({ running }) => running !== null)?.running ?? null)} ${metric.unit}.`}
      option={option}
      columns={columns}
      rows={rows}
      file={`${file}_days`}
      onPick={({ dataIndex }) => toDay(days[dataIndex].delivery_day)}
      empty={rows.every((row) => row.exact === null) ? emptiness(metric, report) : null}
    >
      {days.some((day) => isMissing(day.completeness)) && (
        <p class="key"><span class="swatch missing" /> a daily file is missing</p>
      )}
    </Chart>
  );
}

function emptiness(metric, { days, completeness }) {
  const traded = days.some((day) => day.total.trades);
  if (traded && metric === METRIC.edge) return "No day has a reference price for every traded hour.";
  return nothingTraded(completeness);
}

function Heat({ report: { days }, metric, file, toDay }) {
  const palette = usePalette();
  const [frame, width] = useWidth();
  const option = useMemo(() => heatOption(days, metric, palette, width), [days, metric, palette, width]);
  const rows = useMemo(() => cellsOf(days), [days]);
  const kinds = useMemo(() => emptyKinds(rows), [rows]);
  const columns = [
    { name: "delivery_day", head: "Day", text: true, of: (cell) => cell.day.delivery_day },
    { name: "hour", head: "Hour", text: true, of: (cell) => cell.label },
    { name: metric.name, head: metric.name, unit: metric.unit, of: (cell) => cell.line && metric.of(cell.line), show: metric.show, tone: metric.tone },
    {
      name: "note",
      head: "",
      text: true,
      of: noteOf,
    },
  ];
  return (
    <div ref={frame}>
      <Chart
        title={`${metric.name} by hour and day`}
        summary={`${HOURS.length} delivery hours by ${format.plural(days.length, "day")}.`}
        option={option}
        columns={columns}
        rows={rows}
        file={`${file}_heatmap`}
        size="tall"
        onPick={({ data }) => data.cell.line?.trades && toDay(data.cell.day.delivery_day, data.cell.label)}
      >
        <p class="key">
          {kinds.known && <><span class="swatch none" /> nothing traded </>}
          {kinds.missing && <><span class="swatch missing" /> not known: file missing </>}
          {kinds.unsettled && <><span class="swatch unsettled" /> nothing booked, not final </>}
          <span class="swatch hatched" /> no such hour (clocks go forward){" "}
          <span class="swatch doubled">‖</span> two hours (clocks go back)
          {metric === METRIC.edge && <><span class="swatch unpriced" /> traded, without a reference price</>}
        </p>
      </Chart>
    </div>
  );
}

function useWidth() {
  const frame = useRef(null);
  const [width, setWidth] = useState(1000);
  useEffect(() => {
    const sized = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    sized.observe(frame.current);
    return () => sized.disconnect();
  }, []);
  return [frame, width];
}
