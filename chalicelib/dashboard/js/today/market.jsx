// The market of a delivery day: its reference price by slot, what the book bought and sold at which mean price, and how much.

import { useCallback } from "preact/hooks";
import { sharingZero } from "../axes.js";
import { Chart } from "../chart.jsx";
import * as format from "../format.js";
import { canvas, time, value } from "../palette.js";
import { endOf, keyOf, labelOf, powerSteps, priceOf, priceSteps, startOf, vwapDashes } from "./slots.js";

const POWER_SHARE = 0.27;

function words(slot) {
  const side = (name, verb) =>
    slot[`vwap_${name}_eur_mwh`] === null
      ? []
      : [`${verb} ${format.energy(slot[`${name}_mw`])} MW at ${format.price(slot[`vwap_${name}_eur_mwh`])} EUR/MWh`];
  const reference = priceOf(slot) === null ? "No reference price" : `Reference ${format.price(priceOf(slot))} EUR/MWh (${slot.reference.set})`;
  return [labelOf(slot), reference, ...side("buy", "Bought"), ...side("sell", "Sold"), `Open ${format.netEnergy(slot.open_mwh)} MWh`].join("\n");
}

// Which reference prices a line shows: "id3, da".
const setsOf = (slots) => [...new Set(slots.flatMap((slot) => (slot.reference ? [slot.reference.set] : [])))].join(", ");

export function marketMarks(slots) {
  const sets = setsOf(slots);
  const mark = (look, name, text) => ({ look, colour: (palette) => palette[name], words: text });
  return [
    mark("line", "ink", `reference${sets ? ` (${sets})` : ""}`),
    mark("box", "buy", "bought, up"),
    mark("box", "sell", "sold, down"),
  ];
}

// Prices above and power below, on one axis of time.
export function marketOption(slots, palette, now, width, height) {
  const [first, last] = [startOf(slots[0]), endOf(slots.at(-1))];
  const { tooltip, ...common } = canvas(palette);
  const powers = { buy: powerSteps(slots, "buy"), sell: powerSteps(slots, "sell") };
  const [powerAxis] = sharingZero([...powers.buy, ...powers.sell].map(([, power]) => power));
  const passed = Math.min(Math.max(now, first), last);
  const line = (name, data, more) => ({ type: "line", name, data, connectNulls: false, showSymbol: false, silent: true, ...more });
  const power = (name, side) => line(name, powers[side], { xAxisIndex: 1, yAxisIndex: 1, lineStyle: { width: 0 }, areaStyle: { color: palette[side], opacity: 0.85, origin: 0 } });
  // A sale is thinner and lies on a purchase, so that both are seen where their prices meet.
  const dashes = (name, side, width) => line(name, vwapDashes(slots, side), { z: 4, lineStyle: { color: palette[side], width, cap: "butt" } });
  // What has been delivered is shaded, up to a line for now.
  const passing = (place) => {
    const axes = { xAxisIndex: place, yAxisIndex: 2 + place };
    return [
      line("Now", passed > first ? [[first, 1], [passed, 1]] : [], { ...axes, lineStyle: { width: 0 }, areaStyle: { color: palette.soft, opacity: 0.1 } }),
      line("Line for now", passed > first && passed < last ? [[passed, 0], [passed, 1]] : [], { ...axes, lineStyle: { color: palette.ink, width: 1.5, type: "dashed" } }),
    ];
  };
  const sides = { left: palette.letters * 3.4, right: palette.letters * 1.6 };
  const [top, foot] = [palette.letters * 2.2, palette.letters * 3];
  const isLow = height < palette.letters * 16;
  const free = height - top - foot;
  const below = Math.round(free * POWER_SHARE);
  const shade = (place) => ({ type: "value", gridIndex: place, min: 0, max: 1, show: false });
  const axis = time(palette, first, last, width);
  return {
    ...common,
    grid: [
      { ...sides, top, bottom: foot + below + palette.letters * (isLow ? 0.8 : 2) },
      { ...sides, top: height - foot - below, bottom: foot },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: ([{ axisValue }]) => words(slots.find((slot) => axisValue < endOf(slot)) ?? slots.at(-1)),
    },
    xAxis: [{ ...axis, gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } }, { ...axis, gridIndex: 1 }],
    yAxis: [
      value(palette, "EUR/MWh", format.axis, { gridIndex: 0, scale: true, splitNumber: isLow ? 2 : 4 }),
      value(palette, isLow ? "" : "MW", (number) => format.axis(Math.abs(number)), { gridIndex: 1, ...powerAxis, interval: powerAxis.max - powerAxis.min }),
      shade(0),
      shade(1),
    ],
    series: [
      ...passing(0),
      ...passing(1),
      line("Reference", priceSteps(slots), { z: 3, lineStyle: { color: palette.ink, width: 1.5, join: "miter" } }),
      dashes("Bought", "buy", 6),
      dashes("Sold", "sell", 2.5),
      power("Bought, MW", "buy"),
      power("Sold, MW", "sell"),
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
  { name: "buy_mw", head: "Bought", unit: "MW", of: (slot) => slot.buy_mw, show: format.energy },
  { name: "buy_mwh", head: "Bought", unit: "MWh", of: (slot) => slot.buy_mwh, show: format.energy },
  BUY_VWAP,
  { name: "sell_mw", head: "Sold", unit: "MW", of: (slot) => slot.sell_mw, show: format.energy },
  { name: "sell_mwh", head: "Sold", unit: "MWh", of: (slot) => slot.sell_mwh, show: format.energy },
  SELL_VWAP,
];

export function Market({ title, day, asOf, whose, slots, now, file, onPick, size }) {
  const draw = useCallback((palette, width, height) => marketOption(slots, palette, now, width, height), [slots, now]);
  const isEmpty = slots.every((slot) => priceOf(slot) === null && slot.trades === 0);
  const picked = ([at]) => {
    const slot = slots.find((one) => startOf(one) <= at && at < endOf(one));
    if (slot) onPick(keyOf(slot));
  };
  return (
    <Chart
      title={title}
      summary={`${format.day(day)}: ${summaryOf(slots)}`}
      draw={draw}
      columns={COLUMNS}
      rows={slots}
      file={`${file}_market`}
      about={{ days: format.day(day), whose, state: `Not final: positions as booked until ${format.written(asOf)} Berlin time`, unit: "EUR/MWh; MW" }}
      marks={marketMarks(slots)}
      empty={isEmpty ? "No reference price and no trade yet." : null}
      onPick={picked}
      size={size}
    />
  );
}
