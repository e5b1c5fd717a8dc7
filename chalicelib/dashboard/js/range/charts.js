// The charts of a range: a bar for each day with the running sum, and a heatmap of hours by days.

import { sharingZero } from "../axes.js";
import { inShort, isKnown, isMissing, stateInWords } from "../completeness.js";
import { runningSum } from "../exact.js";
import * as format from "../format.js";
import { canvas, category, value } from "../palette.js";
import { titled } from "./metrics.js";

const number = (text) => (text === null ? null : Number(text));

// The running sum by day; null for a day without trades that may still get some, so that the line stops there.
export function soFar(days, metric) {
  const sums = runningSum(days.map((day) => metric.of(day.total)));
  return days.map((day, index) => (day.total.trades > 0 || isKnown(day.completeness) ? sums[index] : null));
}

// Full-height stripes behind each day whose file is missing, to tell it from a day without trades.
function missingBands(days, palette) {
  return {
    type: "bar",
    name: "File missing",
    xAxisIndex: 1,
    yAxisIndex: 2,
    z: 0,
    barWidth: "100%",
    itemStyle: { color: striped(palette) },
    emphasis: { disabled: true },
    data: days.map((day) => (isMissing(day.completeness) ? 1 : null)),
  };
}

export function dailyOption(days, metric, palette) {
  const exact = days.map((day) => metric.of(day.total));
  const running = soFar(days, metric);
  const [dayAxis, soFarAxis] = sharingZero(exact.map(number), running.map(number));
  const colour = (text) => (metric.tone ? (text?.startsWith("-") ? palette.loss : palette.gain) : palette.buy);
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    legend: { data: ["Day", "So far"], right: 0, top: 0, textStyle: { color: palette.soft, fontSize: palette.letters }, itemWidth: palette.letters, itemHeight: palette.letters * 0.7 },
    grid: { left: 4, right: 4, top: palette.letters * 3.6, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([{ dataIndex }]) =>
        [
          format.day(days[dataIndex].delivery_day),
          `${titled(metric)}: ${days[dataIndex].total.trades ? metric.show(exact[dataIndex]) : inShort(days[dataIndex].completeness)}`,
          `So far: ${metric.show(running[dataIndex])}`,
          `Data: ${stateInWords(days[dataIndex].completeness)}`,
        ].join("\n"),
    },
    xAxis: [
      category(palette, days.map((day) => format.dayShort(day.delivery_day))),
      { type: "category", show: false, data: days.map((day) => day.delivery_day), axisPointer: { show: false } },
    ],
    yAxis: [
      value(palette, titled(metric), format.axis, dayAxis),
      value(palette, "So far", format.axis, { position: "right", ...soFarAxis, splitLine: { show: false } }),
      { type: "value", show: false, min: 0, max: 1 },
    ],
    series: [
      missingBands(days, palette),
      {
        type: "bar",
        name: "Day",
        data: exact.map((text) => ({ value: number(text), itemStyle: { color: colour(text) } })),
        itemStyle: { color: metric.tone ? palette.gain : palette.buy },
        barMaxWidth: 36,
      },
      {
        type: "line",
        name: "So far",
        yAxisIndex: 1,
        data: running.map(number),
        connectNulls: false,
        showSymbol: days.length <= 62,
        symbol: "circle",
        symbolSize: palette.letters * 0.45,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
      },
    ],
  };
}

// A hatched tile for the hour that the clocks skip; leaning the other way for a missing file.
const hatched = (palette) => tileOf(palette.panel, palette.soft);
const striped = (palette) => tileOf(palette.panel, palette.missing, -1);

function tileOf(ground, line, leaning = 1) {
  const size = 8;
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [size, size];
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.setTransform(leaning, 0, 0, 1, leaning < 0 ? size : 0, 0);
  pen.strokeStyle = line;
  pen.lineWidth = 1.2;
  for (const from of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(from, size);
    pen.lineTo(from + size, 0);
    pen.stroke();
  }
  return { image: tile, repeat: "repeat" };
}

export const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")} - ${String(hour + 1).padStart(2, "0")}`);

// The cells of hours by days: { day, hour, line }; line is null for an hour that the day does not have.
export function cellsOf(days) {
  return days.flatMap((day) => {
    const lines = new Map(day.periods.map((line) => [line.label, line]));
    return HOURS.map((label) => ({ day, label, line: lines.get(label) ?? null }));
  });
}

function scale(metric, numbers, palette) {
  const high = Math.max(...numbers.map(Math.abs), 0) || 1;
  return {
    type: "continuous",
    seriesIndex: 0,
    orient: "horizontal",
    right: 0,
    top: 0,
    itemHeight: palette.letters * 10,
    itemWidth: palette.letters * 0.8,
    precision: 0,
    text: [format.axis(high), metric.tone ? format.axis(-high) : "0"],
    textStyle: { color: palette.soft, fontSize: palette.letters },
    show: numbers.length > 0,
    min: metric.tone ? -high : 0,
    max: high,
    inRange: { color: metric.tone ? palette.heat : palette.rise },
  };
}

const isEmpty = ({ line }) => line !== null && !line.trades;
const isUnsettled = (completeness) => !isKnown(completeness) && !isMissing(completeness);

// The kinds of hours without trades among the cells.
export function emptyKinds(cells) {
  const empty = cells.filter(isEmpty).map(({ day }) => day.completeness);
  return { known: empty.some(isKnown), missing: empty.some(isMissing), unsettled: empty.some(isUnsettled) };
}

// The text of a cell without a number.
export function noteOf({ day, line }) {
  if (line === null) return "no such hour";
  if (line.hours_in_period > 1) return line.trades ? "two hours: 2A and 2B" : `two hours: 2A and 2B, ${inShort(day.completeness)}`;
  return line.trades ? "" : inShort(day.completeness);
}

export function heatOption(days, metric, palette, width) {
  const cells = cellsOf(days).map((cell, index) => ({ ...cell, x: Math.floor(index / 24), y: index % 24, text: cell.line && metric.of(cell.line) }));
  const valued = cells.filter((cell) => cell.text !== null);
  const series = (kept, style, more = () => ({})) => ({
    type: "heatmap",
    data: kept.map((cell) => ({ value: [cell.x, cell.y, cell.text === null ? 0 : Number(cell.text)], cell, ...more(cell) })),
    itemStyle: { borderColor: palette.panel, borderWidth: days.length > 120 ? 0 : 1, ...style },
    emphasis: { itemStyle: { borderColor: palette.ink, borderWidth: 1.5 } },
    label: { show: false },
  });
  const cellWidth = width / days.length;
  const mark = cellWidth > palette.letters * 2.8 ? "2A|2B" : cellWidth > palette.letters ? "‖" : "";
  const doubled = ({ line }) =>
    line?.hours_in_period > 1
      ? { label: { show: true, formatter: mark, color: palette.ink, fontSize: palette.letters, fontWeight: "bold" } }
      : {};
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    grid: { left: 4, right: 4, top: palette.letters * 2.4, bottom: 2, containLabel: true },
    tooltip: { ...tooltip, formatter: ({ data: { cell } }) => tooltipOf(cell, metric) },
    xAxis: category(palette, days.map((day) => format.dayShort(day.delivery_day)), { splitArea: { show: false } }),
    yAxis: category(palette, HOURS.map((label) => label.slice(0, 2)), { inverse: true }),
    visualMap: scale(metric, valued.map((cell) => Number(cell.text)), palette),
    series: [
      series(valued, {}, doubled),
      series(cells.filter((cell) => isEmpty(cell) && isKnown(cell.day.completeness)), { color: palette.none }, doubled),
      series(cells.filter((cell) => isEmpty(cell) && isMissing(cell.day.completeness)), { color: striped(palette) }, doubled),
      series(cells.filter((cell) => isEmpty(cell) && isUnsettled(cell.day.completeness)), { color: "transparent", borderColor: palette.line, borderType: "dotted" }, doubled),
      series(cells.filter((cell) => cell.line?.trades && cell.text === null), { color: palette.panel, borderColor: palette.line }, doubled),
      series(cells.filter((cell) => !cell.line), { color: hatched(palette) }),
    ],
  };
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function tooltipOf({ day, label, line, text }, metric) {
  const head = `${format.day(day.delivery_day)}, ${label}`;
  if (!line) return `${head}\nThe clocks go forward: there is no such hour`;
  const twice = line.hours_in_period > 1 ? "\nThe clocks go back: this hour comes twice (2A and 2B)" : "";
  if (!line.trades) return `${head}\n${sentence(inShort(day.completeness))}${twice}`;
  return `${head}\n${titled(metric)}: ${text === null ? "no reference price" : metric.show(text)}\n${format.plural(line.trades, "trade")}${twice}`;
}
