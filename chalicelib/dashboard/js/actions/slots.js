// The quarter-hours of a delivery day in Berlin, with the labels of its clock; on the day the clocks go back hour 2 comes twice.

import { plusDays } from "../days.js";
import { berlinClock, berlinDay, period } from "../format.js";

const QUARTER = 15 * 60_000;
const utc = (instant) => `${new Date(instant).toISOString().slice(0, 19)}Z`;

// The instant of midnight in Berlin, which is one or two hours before that of UTC.
function midnight(day) {
  const inUtc = Date.parse(`${day}T00:00:00Z`);
  return [2, 1].map((hours) => inUtc - hours * 3_600_000).find((instant) => berlinDay(instant) === day && berlinClock(instant) === "00:00:00");
}

// Returns [{ start, end, label, until }] in delivery order: instants as UTC text, labels as "13:15", "02:15 A" and "02:15 B".
export function slotsOf(day) {
  const [first, last] = [midnight(day), midnight(plusDays(day, 1))];
  const starts = Array.from({ length: (last - first) / QUARTER }, (_, index) => first + index * QUARTER);
  const texts = starts.map((instant) => berlinClock(instant).slice(0, 5));
  const labels = texts.map((text, index) => {
    if (texts.indexOf(text) === texts.lastIndexOf(text)) return text;
    return `${text} ${texts.indexOf(text) === index ? "A" : "B"}`;
  });
  return starts.map((instant, index) => ({
    start: utc(instant),
    end: utc(instant + QUARTER),
    label: labels[index],
    until: labels[index + 1] ?? "24:00",
  }));
}

// The clock's time in Berlin as "2026-06-15T12:00:07", for a field.
export const berlinText = (instant) => `${berlinDay(instant)}T${berlinClock(instant)}`;

// The instant of that text as UTC; of the doubled hour the first. Text that is no time of Berlin's clock is returned as it is.
export function instantOf(text) {
  const guess = Date.parse(`${text}Z`);
  const found = Number.isNaN(guess) ? undefined : [2, 1].map((hours) => guess - hours * 3_600_000).find((instant) => berlinText(instant) === (text.length === 16 ? `${text}:00` : text));
  return found === undefined ? text : utc(found);
}

// Which of the two hours a trade of v1 means is unknown.
export function periodText({ delivery_start, delivery_end, ambiguous_hour }) {
  const text = period(delivery_start, delivery_end);
  return ambiguous_hour ? text.replace(" A", "") : text;
}
