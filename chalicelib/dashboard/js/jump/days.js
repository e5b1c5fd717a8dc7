// Days as people type them: 2026-11-24, 24.11., 24.11.26, 24 nov, yesterday, mon.

import { isDay, plusDays, today, weekdayNumber } from "../days.js";

const WORDS = { today: 0, yesterday: -1, tomorrow: 1 };
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const SHORTEST = 3;

const beginning = (names, text) => (text.length < SHORTEST ? [] : names.filter((name) => name.startsWith(text)));
const two = (number) => String(number).padStart(2, "0");
const away = (day, from) => Math.abs(Date.parse(day) - Date.parse(from));

// A day without a year is the nearest one.
function dated(day, month, year, now) {
  const years = year ? [year.length === 2 ? `20${year}` : year] : [-1, 0, 1].map((by) => String(Number(now.slice(0, 4)) + by));
  const found = years.map((one) => `${one}-${two(month)}-${two(day)}`).filter(isDay);
  return found.sort((a, b) => away(a, now) - away(b, now)).slice(0, 1);
}

// The days that a text means, the likeliest first; none if it is no day.
export function daysOf(typed, now = today()) {
  const text = typed.trim().toLowerCase();
  if (isDay(text)) return [text];
  const [, day, month, year] = /^(\d{1,2})\.(\d{1,2})\.?(\d{4}|\d{2})?$/.exec(text) ?? [];
  if (day) return dated(day, month, year, now);
  const [, before, name, after, of] = /^(\d{1,2})?\.?\s*([a-z]{3,})\s*(\d{1,2})?,?\s*(\d{4})?$/.exec(text) ?? [];
  const months = beginning(MONTHS, name ?? "");
  if (months.length === 1 && Boolean(before) !== Boolean(after)) return dated(before ?? after, MONTHS.indexOf(months[0]) + 1, of, now);
  const words = beginning(Object.keys(WORDS), text).map((word) => plusDays(now, WORDS[word]));
  const weekdays = beginning(WEEKDAYS, text).flatMap((weekday) => {
    const back = (weekdayNumber(now) - WEEKDAYS.indexOf(weekday) + 7) % 7;
    return [plusDays(now, -back), plusDays(now, back === 0 ? -7 : 7 - back)];
  });
  return [...words, ...weekdays];
}
