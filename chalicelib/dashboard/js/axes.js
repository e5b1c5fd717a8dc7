// Two value axes with round numbers and one zero line between them; and what an axis of time or of days names.

import { minuteOfDay } from "./format.js";

const FACTORS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const FEWEST_STEPS = 4;
const MOST_STEPS = 6;

function roundedUp(number) {
  if (number <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(number));
  // A quotient of floats may miss its factor by the last bit.
  return FACTORS.find((factor) => factor * power >= number * (1 - 1e-9)) * power;
}

const extentOf = (numbers) => ({ low: Math.min(0, ...numbers), high: Math.max(0, ...numbers) });

// The step of an axis with these numbers of steps below and above zero; null if it cannot show the numbers.
function stepOf({ low, high }, below, above) {
  if ((low < 0 && !below) || (high > 0 && !above)) return null;
  return roundedUp(Math.max(below && -low / below, above && high / above)) || 1;
}

// The empty share of the axes.
const waste = (extents, steps, count) => extents.reduce((sum, { low, high }, index) => sum + 1 - (high - low) / (steps[index] * count), 0);

// Returns { min, max, interval } for each list of numbers, with zero at the same height for all.
export function sharingZero(...lists) {
  const extents = lists.map((numbers) => extentOf(numbers.filter((number) => number !== null)));
  let best = null;
  for (let count = FEWEST_STEPS; count <= MOST_STEPS; count++) {
    for (let below = 0; below <= count; below++) {
      const steps = extents.map((extent) => stepOf(extent, below, count - below));
      if (steps.includes(null)) continue;
      const empty = waste(extents, steps, count);
      if (best === null || empty < best.empty - 1e-9) best = { empty, below, above: count - below, steps };
    }
  }
  const { below, above, steps } = best;
  return steps.map((step) => ({ min: below ? -step * below : 0, max: step * above, interval: step }));
}

// The points of a line that is flat over each place of a category axis, for a value axis from 0 to their count. Null breaks it.
export function steps(numbers) {
  return numbers.flatMap((number, index) => (number === null ? [[index, null]] : [[index, number], [index + 1, number]]));
}

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, DAY_MINUTES];

// At most about `most` instants between two, at round times of the Berlin clock; every midnight is one if any time is.
export function berlinTicks(first, last, most) {
  const minutes = (last - first) / MINUTE;
  const step = STEPS_MINUTES.find((one) => minutes / one <= most) ?? Math.ceil(minutes / DAY_MINUTES / most) * DAY_MINUTES;
  const look = Math.min(step, 60) * MINUTE;
  const ticks = [];
  for (let at = Math.ceil(first / look) * look; at <= last; at += look) {
    if (minuteOfDay(at) % Math.min(step, DAY_MINUTES) === 0) ticks.push(at);
  }
  return ticks.filter((_, index) => index % Math.max(1, step / DAY_MINUTES) === 0);
}

// The days of a range that an axis names: as many as have room, of a long range the first days of months.
export function daysNamed(days, most) {
  const every = Math.max(1, Math.ceil(days.length / most));
  const firsts = days.filter((day) => day.endsWith("-01"));
  if (every > 10 && firsts.length > 1) return firsts.filter((_, index) => index % Math.ceil(firsts.length / most) === 0);
  return days.filter((_, index) => index % every === 0);
}
