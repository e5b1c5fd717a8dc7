// What positions are worth: the best and worst hour, and the quarter-hours whose worth is not known.

import { scaled } from "./exact.js";
import * as format from "./format.js";

const QUARTER = 900_000;
const RUNS_NAMED = 3;

export const isUnvalued = (line) => line.trades > 0 && line.total_eur === null;

// The first of those with the highest and the lowest total among the hours with trades; those without a total are left out.
export function bestAndWorst(days) {
  const hours = days.flatMap(({ delivery_day, periods }) =>
    periods.filter((line) => line.trades && line.total_eur !== null).map(({ label, total_eur }) => ({ delivery_day, label, total_eur, made: scaled(total_eur, 2) })));
  const best = (isBetter) => hours.reduce((found, hour) => (found === null || isBetter(hour.made, found.made) ? hour : found), null);
  return { best: best((one, other) => one > other), worst: best((one, other) => one < other) };
}

// "05:15–05:30, 07:00–09:00 and 12 more quarter-hours": quarter-hours that follow each other are one; those of `several` days have their date.
export function slotsInWords(starts, several = false) {
  const runs = [];
  for (const start of starts.map((text) => Date.parse(text))) {
    const last = runs.at(-1);
    if (last?.end === start && format.berlinDay(last.start) === format.berlinDay(start)) last.end += QUARTER;
    else runs.push({ start, end: start + QUARTER });
  }
  const words = ({ start, end }) => `${several ? `${format.dayShort(format.berlinDay(start))} ` : ""}${format.period(start, end)}`;
  const left = runs.slice(RUNS_NAMED).reduce((count, { start, end }) => count + (end - start) / QUARTER, 0);
  return runs.slice(0, RUNS_NAMED).map(words).join(", ") + (left ? ` and ${format.plural(left, "more quarter-hour")}` : "");
}

export const whyUnvalued = (line, several) => `no reference price for ${slotsInWords(line.slots_without_reference, several)}`;
