// The charts of a range: a bar for each day with the running sum, and a heatmap of hours by days.

import { sharingZero, steps } from "../axes.js";
import { inShort, isKnown, isMissing, notFinal, stateInWords } from "../completeness.js";
import { runningSum } from "../exact.js";
import * as format from "../format.js";
import * as hatch from "../hatch.js";
import { behind, canvas, category, dates, value } from "../palette.js";
import { limitsOf, shadeAbove, shadeOf } from "../shades.js";
import { isUnvalued, whyUnvalued } from "../value.js";
import { titled } from "./metrics.js";

const number = (text) => (text === null ? null : Number(text));
const dayOf = (day) => day.delivery_day;

// The running sum by day; null for a day without trades that may still get some, so that the line stops there. It ends before the
// first day with trades and without an amount: what follows is not known.
export function soFar(days, metric) {
  const amounts = days.map((day) => metric.of(day.total));
  const sums = runningSum(amounts);
  const unknown = days.findIndex((day, index) => day.total.trades > 0 && amounts[index] === null);
  const isSummed = (index) => unknown < 0 || index < unknown;
  return days.map((day, index) => (isSummed(index) && (day.total.trades > 0 || isKnown(day.completeness)) ? sums[index] : null));
}

// The sum of all days; null if one is not known, or if none has trades.
export function allOf(days, metric) {
  const sums = soFar(days, metric);
  const last = days.findLastIndex((day) => day.total.trades > 0);
  return sums[last] ?? null;
}

const isUnsettled = (completeness) => !isKnown(completeness) && !isMissing(completeness);

// Stripes over the full height behind the days whose numbers are not final: one kind for a missing file, one for the others.
function bands(name, days, belongs, tile) {
  return {
    type: "bar",
    name,
    xAxisIndex: 2,
    yAxisIndex: 2,
    z: 0,
    silent: true,
    barWidth: "100%",
    barGap: "-100%",
    itemStyle: { color: tile },
    data: days.map((day) => (belongs(day.completeness) ? 1 : null)),
  };
}

const NAMED = 3;

// "4 Jun (file missing), 15 Jun (provisional, an import is running) and 2 more".
function named(days) {
  const first = days.slice(0, NAMED).map((day) => `${format.dayShort(day.delivery_day)} (${notFinal(day.completeness)})`);
  const more = days.length - NAMED;
  return first.join(", ") + (more > 0 ? ` and ${format.count(more)} more, named in the table` : "");
}

export function dailyMarks(days, metric) {
  const of = (belongs) => days.filter((day) => belongs(day.completeness));
  const [missing, unsettled] = [of(isMissing), of(isUnsettled)];
  const box = (name, words) => ({ look: "box", colour: (palette) => palette[name], words });
  return [
    ...(metric.tone ? [box("gain", "gain"), box("loss", "loss")] : [box("buy", `${metric.name} of a day`)]),
    { look: "line", colour: (palette) => palette.accent, words: "so far (right axis)" },
    ...(missing.length ? [{ look: "hatch", colour: hatch.missing, words: `days with a missing file: ${format.dayList(missing.map(dayOf))}` }] : []),
    ...(unsettled.length ? [{ look: "hatch", colour: hatch.notFinal, words: `not final: ${named(unsettled)}` }] : []),
  ];
}

export function dailyOption(days, metric, palette, width) {
  const exact = days.map((day) => metric.of(day.total));
  const running = soFar(days, metric);
  const [dayAxis, soFarAxis] = sharingZero(exact.map(number), running.map(number));
  const colour = (text) => (metric.tone ? (text?.startsWith("-") ? palette.loss : palette.gain) : palette.buy);
  const { tooltip, ...common } = canvas(palette);
  const all = days.map(dayOf);
  return {
    ...common,
    grid: { left: 4, right: 4, top: palette.letters * 2.4, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([{ dataIndex }]) =>
        [
          format.day(all[dataIndex]),
          `${titled(metric)}: ${days[dataIndex].total.trades ? metric.show(exact[dataIndex]) : inShort(days[dataIndex].completeness)}`,
          `So far: ${metric.show(running[dataIndex])}`,
          `Data: ${stateInWords(days[dataIndex].completeness)}`,
        ].join("\n"),
    },
    xAxis: [
      dates(palette, all, width),
      behind(days.length),
      { type: "category", show: false, data: all, axisPointer: { show: false } },
    ],
    yAxis: [
      value(palette, titled(metric), format.axis, dayAxis),
      value(palette, "So far", format.axis, { position: "right", ...soFarAxis, splitLine: { show: false } }),
      { type: "value", show: false, min: 0, max: 1 },
    ],
    series: [
      bands("File missing", days, isMissing, hatch.missing(palette)),
      bands("Not final", days, isUnsettled, hatch.notFinal(palette)),
      {
        type: "bar",
        name: "Day",
        data: exact.map((text) => ({ value: number(text), itemStyle: { color: colour(text) } })),
        barWidth: "70%",
        barMaxWidth: 64,
      },
      {
        type: "line",
        name: "So far",
        xAxisIndex: 1,
        yAxisIndex: 1,
        data: steps(running.map(number)),
        connectNulls: false,
        silent: true,
        showSymbol: false,
        lineStyle: { color: palette.accent, width: 2, join: "miter" },
      },
    ],
  };
}

export const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")} - ${String(hour + 1).padStart(2, "0")}`);

const AGAIN = / B$/;
const FIRST = / A$/;

// The rows of hours by days: where a day has an hour twice, its second one has a row.
export function rowsOf(days) {
  const again = new Set(days.flatMap(({ periods }) => periods.map(({ label }) => label).filter((label) => AGAIN.test(label))));
  return HOURS.flatMap((label) => (again.has(`${label} B`) ? [label, `${label} B`] : [label]));
}

// The cells of hours by days: { day, label, x, y, line }; line is null for an hour that the day does not have.
export function cellsOf(days) {
  const rows = rowsOf(days);
  return days.flatMap((day, x) => {
    const lines = new Map(day.periods.map((line) => [line.label.replace(FIRST, ""), line]));
    const cells = rows.map((label, y) => ({ day, x, y, label: lines.get(label)?.label ?? label, line: lines.get(label) ?? null }));
    return cells.filter(({ line, label }) => line || !AGAIN.test(label));
  });
}

const isEmpty = ({ line }) => line !== null && !line.trades;

// The kinds of hours without trades among the cells.
export function emptyKinds(cells) {
  const empty = cells.filter(isEmpty).map(({ day }) => day.completeness);
  return { known: empty.some(isKnown), missing: empty.some(isMissing), unsettled: empty.some(isUnsettled) };
}

// The text of a cell without a number.
export function noteOf({ day, line }) {
  if (line === null) return "no such hour";
  if (isUnvalued(line)) return whyUnvalued(line);
  return line.trades ? "" : inShort(day.completeness);
}

const numbersOf = (days, metric) =>
  cellsOf(days).flatMap(({ line }) => (line === null || metric.of(line) === null ? [] : [Number(metric.of(line))]));

// The key of the shades and of what has none. Gains and losses of one size have one limit.
export function heatMarks(days, metric) {
  const cells = cellsOf(days);
  const kinds = emptyKinds(cells);
  const numbers = numbersOf(days, metric);
  const limits = limitsOf(numbers);
  const colour = (index) => (palette) => {
    const shade = shadeAbove(index, limits);
    return metric.tone ? [palette.losses[shade], palette.gains[shade]] : [palette.rises[shade]];
  };
  const span = (from, to) => {
    if (to === undefined) return from === undefined ? "all" : `over ${format.axis(from)}`;
    return from === undefined ? `up to ${format.axis(to)}` : `${format.axis(from)}–${format.axis(to)}`;
  };
  const shades = [...limits, undefined].map((limit, index) => ({ look: "pair", colour: colour(index), words: span(limits[index - 1], limit) }));
  const when = (isThere, look, colours, words) => (isThere ? [{ look, colour: colours, words }] : []);
  return [
    ...(numbers.length ? [{ words: `${titled(metric)}${metric.tone ? ", loss or gain" : ""}, by quartile:` }, ...shades] : []),
    ...when(numbers.includes(0), "box", (palette) => palette.zero, "zero"),
    ...when(cells.some(({ day, line }) => line?.trades && !isKnown(day.completeness)), "hatch", (palette) => hatch.notFinal(palette, palette.none), "day not final"),
    ...when(kinds.known, "box", (palette) => palette.none, "nothing traded"),
    ...when(kinds.missing, "hatch", hatch.missing, "not known: file missing"),
    ...when(kinds.unsettled, "hatch", hatch.notFinal, "nothing booked, not final"),
    ...when(cells.some(({ line }) => line === null), "hatch", hatch.skipped, "no such hour (clocks go forward)"),
    ...when(cells.some(({ line }) => line?.trades && metric.of(line) === null), "box", (palette) => palette.panel, `traded, ${metric.unknown}`),
  ];
}

export function heatOption(days, metric, palette, width) {
  const cells = cellsOf(days).map((cell) => ({ ...cell, text: cell.line && metric.of(cell.line) }));
  const limits = limitsOf(numbersOf(days, metric));
  const shade = ({ text, day }) => {
    const amount = Number(text);
    const shades = !metric.tone ? palette.rises : amount < 0 ? palette.losses : palette.gains;
    const ground = amount === 0 ? palette.zero : shades[shadeOf(Math.abs(amount), limits)];
    return isKnown(day.completeness) ? ground : hatch.notFinal(palette, ground);
  };
  const series = (name, kept, style, more = () => ({})) => ({
    type: "heatmap",
    name,
    progressive: 0, // all at once: a picture must not miss what is not drawn yet
    data: kept.map((cell) => ({ value: [cell.x, cell.y, cell.text === null ? 0 : Number(cell.text)], cell, ...more(cell) })),
    itemStyle: { borderColor: palette.panel, borderWidth: days.length > 120 ? 0 : 1, ...style },
    emphasis: { itemStyle: { borderColor: palette.ink, borderWidth: 1.5 } },
    label: { show: false },
  });
  const empty = (belongs) => cells.filter((cell) => isEmpty(cell) && belongs(cell.day.completeness));
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    grid: { left: 4, right: 4, top: 4, bottom: 2, containLabel: true },
    tooltip: { ...tooltip, formatter: ({ data: { cell } }) => tooltipOf(cell, metric) },
    xAxis: dates(palette, days.map(dayOf), width),
    yAxis: category(palette, rowsOf(days).map((label) => label.replace(/ - .. ?/, "")), { inverse: true }),
    series: [
      series("Valued", cells.filter((cell) => cell.text !== null), {}, (cell) => ({ itemStyle: { color: shade(cell) } })),
      series("Nothing traded", empty(isKnown), { color: palette.none }),
      series("File missing", empty(isMissing), { color: hatch.missing(palette) }),
      series("Nothing booked", empty(isUnsettled), { color: hatch.notFinal(palette) }),
      series("No reference price", cells.filter((cell) => cell.line?.trades && cell.text === null), { color: palette.panel, borderColor: palette.line }),
      series("No such hour", cells.filter((cell) => !cell.line), { color: hatch.skipped(palette) }),
    ],
  };
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function tooltipOf({ day, label, line, text }, metric) {
  const head = `${format.day(day.delivery_day)}, ${label}`;
  if (!line) return `${head}\nThe clocks go forward: there is no such hour`;
  if (!line.trades) return `${head}\n${sentence(inShort(day.completeness))}`;
  return `${head}\n${titled(metric)}: ${text === null ? metric.unknown : metric.show(text)}\n${format.plural(line.trades, "trade")}`;
}
