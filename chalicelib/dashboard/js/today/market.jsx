// The market of a delivery day: its reference price by slot, and what the book bought and sold at which mean price.

import { useMemo } from "preact/hooks";
import { Chart } from "../chart.jsx";
import * as format from "../format.js";
import { canvas, usePalette, value } from "../palette.js";
import { endOf, keyOf, labelOf, priceOf, priceSteps, startOf } from "./slots.js";

const SMALLEST = 0.3;
const GROWTH = 0.6;
const MINUTE = 60_000;

const number = (text) => (text === null ? null : Number(text));

// The area of a mark is in proportion to its energy.
function marks(slots, side, letters) {
  const [vwap, energy] = [`vwap_${side}_eur_mwh`, `${side}_mwh`];
  const largest = Math.max(...slots.flatMap((slot) => [Number(slot.buy_mwh), Number(slot.sell_mwh)]));
  return slots
    .filter((slot) => slot[vwap] !== null)
    .map((slot) => ({
      value: [startOf(slot) + (slot.minutes * MINUTE) / 2, number(slot[vwap])],
      symbolSize: letters * (SMALLEST + GROWTH * Math.sqrt(Number(slot[energy]) / largest)),
    }));
}

function words(slot) {
  const side = (name, verb) =>
    slot[`vwap_${name}_eur_mwh`] === null
      ? []
      : [`${verb} ${format.energy(slot[`${name}_mwh`])} MWh at ${format.price(slot[`vwap_${name}_eur_mwh`])} EUR/MWh`];
  const reference = priceOf(slot) === null ? "No reference price" : `Reference ${format.price(priceOf(slot))} EUR/MWh (${slot.reference.set})`;
  return [labelOf(slot), reference, ...side("buy", "Bought"), ...side("sell", "Sold"), `Open ${format.netEnergy(slot.open_mwh)} MWh`].join("\n");
}

export function marketOption(slots, palette, now) {
  const [first, last] = [startOf(slots[0]), endOf(slots.at(-1))];
  const { tooltip, ...common } = canvas(palette);
  // The tip of a mark is its price: of a buy from below, of a sale from above, so that neither covers the other.
  const side = (name, symbolRotate, below, color, of) => ({
    type: "line",
    name,
    symbol: "triangle",
    symbolRotate,
    symbolOffset: [0, below],
    data: marks(slots, of, palette.letters),
    lineStyle: { width: 0 },
    itemStyle: { color, opacity: 0.85 },
    z: 4,
  });
  const passed = Math.min(Math.max(now, first), last);
  return {
    ...common,
    legend: {
      right: 0,
      top: 0,
      data: ["Reference", "Bought", "Sold"],
      textStyle: { color: palette.soft, fontSize: palette.letters },
      itemWidth: palette.letters,
      itemHeight: palette.letters,
    },
    grid: { left: 4, right: palette.letters, top: palette.letters * 2.8, bottom: 2, containLabel: true },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: (points) => {
        const at = points[0].axisValue;
        const slot = slots.find((one) => at < endOf(one)) ?? slots.at(-1);
        return words(slot);
      },
    },
    xAxis: {
      type: "time",
      min: first,
      max: last,
      axisLine: { lineStyle: { color: palette.edge }, onZero: false },
      axisTick: { show: false },
      axisLabel: { color: palette.soft, fontSize: palette.letters, formatter: format.hourAndMinute, hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: [
      value(palette, "EUR/MWh", format.axis, { scale: true }),
      { type: "value", min: 0, max: 1, show: false },
    ],
    series: [
      // What has been delivered is shaded, up to a line for now.
      {
        type: "line",
        name: "Now",
        yAxisIndex: 1,
        data: passed > first ? [[first, 1], [passed, 1]] : [],
        showSymbol: false,
        silent: true,
        lineStyle: { width: 0 },
        areaStyle: { color: palette.soft, opacity: 0.1 },
        tooltip: { show: false },
      },
      {
        type: "line",
        name: "Line for now",
        yAxisIndex: 1,
        data: passed > first && passed < last ? [[passed, 0], [passed, 1]] : [],
        showSymbol: false,
        silent: true,
        lineStyle: { color: palette.ink, width: 1.5, type: "dashed" },
        itemStyle: { color: palette.ink },
      },
      {
        type: "line",
        name: "Reference",
        data: priceSteps(slots),
        connectNulls: false,
        showSymbol: false,
        symbol: "rect",
        lineStyle: { color: palette.accent, width: 1.5, join: "miter" },
        itemStyle: { color: palette.accent },
      },
      side("Bought", 0, "50%", palette.buy, "buy"),
      side("Sold", 180, "-50%", palette.sell, "sell"),
    ],
  };
}

function summaryOf(slots) {
  const priced = slots.filter((slot) => priceOf(slot) !== null);
  const prices = priced.map((slot) => Number(priceOf(slot)));
  const traded = slots.filter((slot) => slot.trades > 0).length;
  const range = priced.length
    ? `Reference from ${format.price(Math.min(...prices))} to ${format.price(Math.max(...prices))} EUR/MWh in ${format.plural(priced.length, "quarter-hour")}`
    : "No reference prices yet";
  return `${range}; ${format.plural(traded, "quarter-hour")} traded.`;
}

export const PRICE = { name: "reference", head: "Reference", unit: "EUR/MWh", of: priceOf, show: format.price };
export const BUY_VWAP = { name: "vwap_buy", head: "VWAP buy", unit: "EUR/MWh", of: (slot) => slot.vwap_buy_eur_mwh, show: format.price };
export const SELL_VWAP = { name: "vwap_sell", head: "VWAP sell", unit: "EUR/MWh", of: (slot) => slot.vwap_sell_eur_mwh, show: format.price };
const COLUMNS = [
  { name: "delivery", head: "Delivery", of: labelOf, text: true },
  PRICE,
  { name: "reference_set", head: "Set", of: (slot) => slot.reference?.set ?? "", text: true },
  { name: "buy_mwh", head: "Bought", unit: "MWh", of: (slot) => slot.buy_mwh, show: format.energy },
  BUY_VWAP,
  { name: "sell_mwh", head: "Sold", unit: "MWh", of: (slot) => slot.sell_mwh, show: format.energy },
  SELL_VWAP,
];

export function Market({ title, day, slots, now, file, onPick, size }) {
  const palette = usePalette();
  const option = useMemo(() => marketOption(slots, palette, now), [slots, palette, now]);
  const isEmpty = slots.every((slot) => priceOf(slot) === null && slot.trades === 0);
  const picked = ({ seriesName, value: [at] }) => {
    const slot = slots.find((one) => startOf(one) <= at && at < endOf(one));
    if (slot && seriesName !== "Reference") onPick(keyOf(slot));
  };
  return (
    <Chart
      title={title}
      summary={`${format.day(day)}: ${summaryOf(slots)}`}
      option={option}
      columns={COLUMNS}
      rows={slots}
      file={`${file}_market`}
      empty={isEmpty ? "No reference price and no trade yet." : null}
      onPick={picked}
      size={size}
    />
  );
}
