// Days on the Berlin calendar as YYYY-MM-DD text, which compares and adds without a time zone.

import { berlinDay } from "./format.js";

export const FIRST_DAY = "2000-01-01";
export const LAST_DAY = "2099-12-31";
export const LONGEST_RANGE = 366;

export const weekdayNumber = (day) => new Date(`${day}T00:00:00Z`).getUTCDay();
export const dayOf = berlinDay;
export const today = () => dayOf(Date.now());
export const yesterday = () => plusDays(today(), -1);

export function plusDays(day, count) {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

export function isDay(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text ?? "")) return false;
  const read = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text) && text >= FIRST_DAY && text <= LAST_DAY;
}

// The number of days from one to the other, both included.
export const daysCounted = (start, end) => Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000) + 1;

export function daysBetween(start, end) {
  return Array.from({ length: Math.max(0, daysCounted(start, end)) }, (_, index) => plusDays(start, index));
}
