// The charts of a day: MW and PnL by hour, and PnL by execution time.

import { sharingZero } from "../axes.js";
import { nothingTraded } from "../completeness.js";
import { isZero, runningPnl } from "../exact.js";
import * as format from "../format.js";
import { canvas, category, value } from "../palette.js";

export function hoursOption(periods, palette) {
  const bought = periods.map((line) => Number(line.buy_mw));
  const sold = periods.map((line) => -Number(line.sell_mw));
  const made = periods.map((line) => (line.trades ? Number(line.pnl_eur) : null));
  const [energyAxis, moneyAxis] = sharingZero([...bought, ...sold], made);
  const bar = (name, data, color) => ({ type: "bar", name, data, stack: "mw", barWidth: "62%", itemStyle: { color, borderRadius: 1 } });
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    legend: { right: 0, top: 0, textStyle: { color: palette.soft, fontSize: palette.letters }, itemWidth: palette.letters, itemHeight: palette.letters * 0.7 },
    grid: { left: 4, right: 4, top: palette.letters * 3.6, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([first]) => {
        const line = periods[first.dataIndex];
        return [
          `${line.label}${line.hours_in_period === 1 ? "" : ` (${line.hours_in_period} hours)`}`,
          `Bought ${format.energy(line.buy_mw)} MW`,
          `Sold ${format.energy(line.sell_mw)} MW`,
          `PnL ${format.pnl(line.pnl_eur)} EUR`,
        ].join("\n");
      },
    },
    xAxis: category(palette, periods.map((line) => line.label.slice(0, 2))),
    yAxis: [
      value(palette, "MW", (number) => format.axis(Math.abs(number)), energyAxis),
      value(palette, "PnL, EUR", format.axis, { position: "right", ...moneyAxis, splitLine: { show: false } }),
    ],
    series: [
      bar("Bought", bought, palette.buy),
      bar("Sold", sold, palette.sell),
      {
        type: "line",
        name: "PnL",
        data: made,
        yAxisIndex: 1,
        connectNulls: false, // no line through hours without trades
        symbol: "circle",
        symbolSize: palette.letters * 0.55,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
      },
    ],
  };
}

export function hoursSummary({ periods, completeness }) {
  const traded = periods.filter((line) => line.trades);
  if (!traded.length) return nothingTraded(completeness);
  const gains = traded.filter((line) => !isZero(line.pnl_eur) && !line.pnl_eur.startsWith("-")).length;
  return `${format.plural(traded.length, "hour")} traded, ${gains} with a gain.`;
}

export function runningOption(trades, palette) {
  const steps = runningPnl(trades);
  const points = steps.map((step) => [Date.parse(step.time), Number(step.pnl_eur)]);
  const ends = points.length ? [[points[0][0], 0], ...points] : [];
  const { tooltip, ...common } = canvas(palette);
  return {
    ...common,
    grid: { left: 4, right: palette.letters * 1.5, top: palette.letters * 2.6, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([point]) => {
        const step = steps[point.dataIndex - 1];
        if (!step) return "Before the first trade";
        const { direction, quantity, price } = step.trade;
        const cents = (BigInt(price) < 0n ? "-" : "") + String(Math.abs(price)).padStart(3, "0").replace(/(\d\d)$/, ".$1");
        return `${format.executed(step.time)}\n${direction} ${format.count(quantity)} MW at ${format.price(cents)} EUR/MWh\nPnL so far ${format.pnl(step.pnl_eur)} EUR`;
      },
    },
    xAxis: {
      type: "time",
      axisLine: { lineStyle: { color: palette.edge }, onZero: true },
      axisTick: { show: false },
      axisLabel: { color: palette.soft, fontSize: palette.letters, formatter: format.hourAndMinute, hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: value(palette, "PnL so far, EUR", format.axis),
    series: [
      {
        type: "line",
        step: "end",
        data: ends,
        showSymbol: false,
        symbol: "circle",
        sampling: points.length > 5000 ? "lttb" : undefined,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
        areaStyle: { color: palette.accent, opacity: 0.1, origin: 0 },
      },
    ],
  };
}
