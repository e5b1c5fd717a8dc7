// The colours and font sizes of the style sheet, for drawing on a canvas.

import { useEffect, useState } from "preact/hooks";
import { berlinTicks, daysNamed } from "./axes.js";
import { dayOf } from "./days.js";
import * as format from "./format.js";
import { SHADES } from "./shades.js";

const NAMES = ["ink", "soft", "line", "edge", "missing", "panel", "buy", "sell", "accent", "none", "zero"];

const partsOf = (colour) => [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16));

function mixed(one, other, share) {
  const [from, to] = [partsOf(one), partsOf(other)];
  const part = (index) => Math.round(from[index] + (to[index] - from[index]) * share).toString(16).padStart(2, "0");
  return `#${part(0)}${part(1)}${part(2)}`;
}

// From near zero to the far end, through the middle colour.
function shades(zero, middle, far) {
  return Array.from({ length: SHADES }, (_, index) => (2 * (index + 1)) / SHADES).map((place) =>
    place <= 1 ? mixed(zero, middle, place) : mixed(middle, far, place - 1));
}

function current() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name, colour(name)]));
  const letters = Math.round(Number.parseFloat(style.fontSize) * 0.75);
  const shadesOf = (name) => shades(colours.zero, colour(`heat-${name}`), colour(`heat-${name}-far`));
  return {
    ...colours,
    gain: colour("gain-bar"),
    loss: colour("loss-bar"),
    gains: shadesOf("gain"),
    losses: shadesOf("loss"),
    rises: shadesOf("rise"),
    letters,
    family: style.getPropertyValue("--family").trim(),
  };
}

export function usePalette() {
  const [palette, setPalette] = useState(current);
  useEffect(() => {
    const changed = () => setPalette(current());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", changed);
    addEventListener("resize", changed);
    return () => {
      dark.removeEventListener("change", changed);
      removeEventListener("resize", changed);
    };
  }, []);
  return palette;
}

// The options that all charts share.
export function canvas(palette) {
  const text = { color: palette.ink, fontFamily: palette.family, fontSize: palette.letters };
  return {
    animation: false,
    useUTC: true,
    textStyle: text,
    tooltip: {
      // Drawn on the canvas: the other mode writes HTML with inline styles, which our policy forbids.
      renderMode: "richText",
      confine: true,
      backgroundColor: palette.panel,
      borderColor: palette.line,
      textStyle: text,
    },
  };
}

const LINE = 1.25;

export function category(palette, data, more = {}) {
  return {
    type: "category",
    data,
    axisLine: { lineStyle: { color: palette.edge }, onZero: true },
    axisTick: { show: false },
    axisLabel: { color: palette.soft, fontSize: palette.letters, fontFamily: palette.family, lineHeight: palette.letters * LINE },
    ...more,
  };
}

// A hidden axis over a category axis of so many places, for lines that are flat over each place (axes.js).
export const behind = (count) => ({ type: "value", show: false, min: 0, max: count, axisPointer: { show: false } });

const TIME_LETTERS = 5;
const DAY_LETTERS = 5;

// An axis of time on the Berlin clock, with the date at midnight and where it begins.
export function time(palette, first, last, width, more = {}) {
  const ticks = berlinTicks(first, last, Math.max(2, Math.floor(width / (palette.letters * TIME_LETTERS))));
  const dated = (at) => at === ticks[0] || format.minuteOfDay(at) === 0;
  return {
    type: "value",
    min: first,
    max: last,
    axisLine: { lineStyle: { color: palette.edge }, onZero: true },
    axisTick: { show: true, customValues: ticks, lineStyle: { color: palette.edge } },
    axisLabel: {
      color: palette.soft,
      fontSize: palette.letters,
      fontFamily: palette.family,
      lineHeight: palette.letters * LINE,
      customValues: ticks,
      hideOverlap: true,
      formatter: (at) => `${format.hourAndMinute(at)}${dated(at) ? `\n${format.dayShort(dayOf(at))}` : ""}`,
    },
    splitLine: { show: false },
    ...more,
  };
}

// An axis of days, with the weekdays where each day is named and with the years where there are several.
export function dates(palette, all, width) {
  const named = daysNamed(all, Math.max(2, Math.floor(width / (palette.letters * DAY_LETTERS))));
  const places = new Set(named);
  const hasYears = all[0].slice(0, 4) !== all.at(-1).slice(0, 4);
  const firstOfYears = new Set(named.filter((day, index) => named[index - 1]?.slice(0, 4) !== day.slice(0, 4)));
  const below = (day) => {
    if (hasYears) return firstOfYears.has(day) ? `\n${day.slice(0, 4)}` : "";
    return named.length === all.length ? `\n${format.weekdayOf(day)}` : "";
  };
  const plain = category(palette, all);
  const label = { interval: (index) => places.has(all[index]), formatter: (day) => `${format.dayShort(day)}${below(day)}` };
  return { ...plain, axisLabel: { ...plain.axisLabel, ...label } };
}

export function value(palette, name, format, more = {}) {
  return {
    type: "value",
    name,
    nameTextStyle: { color: palette.soft, fontSize: palette.letters, align: more.position === "right" ? "right" : "left" },
    nameGap: palette.letters,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: palette.soft, fontSize: palette.letters, fontFamily: palette.family, formatter: format },
    splitLine: { lineStyle: { color: palette.line } },
    ...more,
  };
}
