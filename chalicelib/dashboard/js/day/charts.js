// The charts of a day: energy and total by hour, and cash by execution time.

import { sharingZero, steps } from "../axes.js";
import { nothingTraded } from "../completeness.js";
import { isNegative, isZero, runningPnl } from "../exact.js";
import * as format from "../format.js";
import { behind, canvas, category, time, value } from "../palette.js";
import { isUnvalued, whyUnvalued } from "../value.js";

const MINUTE = 60_000;
const number = (text) => (text === null ? null : Number(text));
const compare = (palette) => palette.soft;
const LOOKS = { weekday: "line", mean: "dashes" };

const box = (name, words) => ({ look: "box", colour: (palette) => palette[name], words });
export const HOURS_MARKS = [box("buy", "bought"), box("sell", "sold"), { look: "line", colour: (palette) => palette.accent, words: "Total (right axis)" }];

// The marks of what the total is compared with (compare.js), which switch its lines off and on.
export const comparedMarks = (compared, toggle) =>
  compared.map(({ name, words, isOff }) => ({ name, look: LOOKS[name], colour: compare, words, isOff, onToggle: () => toggle(name) }));

// `compared` are [{ name, words, details, amounts }], with an amount or null for each period.
export function hoursOption(periods, palette, compared = []) {
  const bought = periods.map((line) => Number(line.buy_mwh));
  const sold = periods.map((line) => -Number(line.sell_mwh));
  const made = periods.map((line) => (line.trades ? number(line.total_eur) : null));
  const beside = compared.map(({ amounts }) => amounts.map(number));
  const [energyAxis, moneyAxis] = sharingZero([...bought, ...sold], [...made, ...beside.flat()]);
  const bar = (name, data, color) => ({ type: "bar", name, data, stack: "mwh", barWidth: "62%", itemStyle: { color, borderRadius: 1 } });
  const level = (name, numbers, lineStyle) => ({
    type: "line",
    name,
    data: steps(numbers), // flat over its hour: a total slopes to no other, and no line goes through hours without trades
    xAxisIndex: 1,
    yAxisIndex: 1,
    connectNulls: false,
    silent: true,
    showSymbol: false,
    lineStyle: { join: "miter", ...lineStyle },
  });
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    grid: { left: 4, right: 4, top: palette.letters * 2.4, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([first]) => {
        const line = periods[first.dataIndex];
        return [
          line.label,
          `Bought ${format.energy(line.buy_mwh)} MWh`,
          `Sold ${format.energy(line.sell_mwh)} MWh`,
          isUnvalued(line) ? `No total: ${whyUnvalued(line)}` : `Total ${format.pnl(line.total_eur)} EUR`,
          `Cash ${format.pnl(line.pnl_eur)} EUR`,
          ...compared.map(({ details, amounts }) => `${details}: ${format.pnl(amounts[first.dataIndex])} EUR`),
        ].join("\n");
      },
    },
    xAxis: [category(palette, periods.map((line) => line.label.slice(0, 2))), behind(periods.length)],
    yAxis: [
      value(palette, "MWh", (number) => format.axis(Math.abs(number)), energyAxis),
      value(palette, "Total, EUR", format.axis, { position: "right", ...moneyAxis, splitLine: { show: false } }),
    ],
    series: [
      bar("Bought", bought, palette.buy),
      bar("Sold", sold, palette.sell),
      ...compared.map(({ name, words }, index) =>
        level(words, beside[index], { color: compare(palette), width: 1.2, type: name === "mean" ? [4, 3] : "solid" })),
      level("Total", made, { color: palette.accent, width: 2.2 }),
    ],
  };
}

export function hoursSummary({ periods, completeness }) {
  const traded = periods.filter((line) => line.trades);
  if (!traded.length) return nothingTraded(completeness);
  const gains = traded.filter(({ total_eur }) => total_eur !== null && !isZero(total_eur) && !isNegative(total_eur)).length;
  const unknown = traded.filter(isUnvalued).length;
  return `${format.plural(traded.length, "hour")} traded, ${gains} with a gain${unknown ? `, ${unknown} without a total` : ""}.`;
}

export function runningOption(trades, palette, width) {
  const made = runningPnl(trades);
  const points = made.map((step) => [Date.parse(step.time), Number(step.pnl_eur)]);
  const ends = points.length ? [[points[0][0], 0], ...points] : [];
  const [first, last] = [Math.floor(ends[0]?.[0] / MINUTE) * MINUTE, (Math.floor(ends.at(-1)?.[0] / MINUTE) + 1) * MINUTE];
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    grid: { left: 4, right: palette.letters * 1.5, top: palette.letters * 2.6, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([point]) => {
        const step = made[point.dataIndex - 1];
        if (!step) return "Before the first trade";
        const { direction, quantity_mw, price_eur_mwh } = step.trade;
        return `${format.executed(step.time)}\n${direction} ${format.energy(quantity_mw)} MW at ${format.price(price_eur_mwh)} EUR/MWh\nCash so far ${format.pnl(step.pnl_eur)} EUR`;
      },
    },
    xAxis: time(palette, first, last, width),
    yAxis: value(palette, "Cash so far, EUR", format.axis),
    series: [
      {
        type: "line",
        step: "end",
        data: ends,
        showSymbol: false,
        symbol: "circle",
        sampling: points.length > 5000 ? "minmax" : undefined,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
        areaStyle: { color: palette.accent, opacity: 0.1, origin: 0 },
      },
    ],
  };
}
