// Formats numbers for the reader's locale and times for Berlin; amounts are formatted from their exact text.

import { AREAS } from "./catalogue.js";

const locales = navigator.languages?.length ? navigator.languages : undefined;
export const NONE = "–";

const counts = new Intl.NumberFormat(locales);
const energies = new Intl.NumberFormat(locales, { maximumFractionDigits: 6 });
const money = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
const signedEnergies = new Intl.NumberFormat(locales, { maximumFractionDigits: 6, signDisplay: "exceptZero" });
const short = new Intl.NumberFormat(locales, { notation: "compact", maximumSignificantDigits: 4 });
const minus = (text) => text.replace("-", "−");

const shown = (format) => (value) => (value === null || value === undefined ? NONE : minus(format.format(value)));
export const count = shown(counts);
export const energy = shown(energies);
export const netEnergy = shown(signedEnergies);
export const price = shown(money);
export const pnl = shown(signed);
// For axes and limits, which are round numbers.
export const axis = (value) => minus(short.format(value));

const dayFormat = new Intl.DateTimeFormat(locales, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(locales, { timeZone: "UTC", day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat(locales, { timeZone: "UTC", weekday: "short" });
const BERLIN = "Europe/Berlin";
const inBerlin = (options) => new Intl.DateTimeFormat(locales, { timeZone: BERLIN, ...options });
const clock = inBerlin({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const clockShort = inBerlin({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const MOMENT = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const EXACT_MOMENT = { ...MOMENT, second: "2-digit", fractionalSecondDigits: 3 };
const [moment, exactMoment] = [MOMENT, EXACT_MOMENT].map(inBerlin);

// For calculating and for fields, in no reader's locale: "2026-06-15" and "13:05:00".
const exactFormats = (timeZone) => [
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }),
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
];
const [exactDay, exactClock] = exactFormats(BERLIN);
export const berlinDay = (instant) => exactDay.format(new Date(instant));
export const berlinClock = (instant) => exactClock.format(new Date(instant));

// "2026-06-15 13:05" on the clock of a time zone.
export const localTime = (instant, timeZone) => exactFormats(timeZone).map((one) => one.format(new Date(instant))).join(" ").slice(0, 16);

const atMidnight = (day) => new Date(`${day}T00:00:00Z`);
export const day = (text) => dayFormat.format(atMidnight(text));
export const dayShort = (text) => shortDay.format(atMidnight(text));
export const weekdayOf = (text) => weekday.format(atMidnight(text));
export const timeOfDay = (instant) => clock.format(new Date(instant));
export const stamp = (instant) => `${day(berlinDay(instant))}, ${timeOfDay(instant)}`;
export const hourAndMinute = (instant) => clockShort.format(new Date(instant));
// The year is shown where it is not this one.
const isThisYear = (instant) => berlinDay(instant).slice(0, 4) === berlinDay(Date.now()).slice(0, 4);
const dating = (format, withYear) => (text) => (isThisYear(text) ? format : withYear).format(new Date(text));
const dated = inBerlin({ ...MOMENT, year: "numeric" });
const whenKnown = dating(moment, dated);
export const when = (text) => (text === null ? NONE : whenKnown(text));
export const executed = dating(exactMoment, inBerlin({ ...EXACT_MOMENT, year: "numeric" }));

export const days = (start, end) => `${day(start)} – ${day(end)}`;

const two = (number) => String(number).padStart(2, "0");
const MINUTE = 60_000;

// A or B in the hour that Berlin's clock shows twice.
function letterOf(instant) {
  const [before, now, after] = [-60, 0, 60].map((minutes) => berlinClock(instant + minutes * MINUTE));
  return now === after ? " A" : now === before ? " B" : "";
}

// "13:15–13:30" of a delivery in Berlin, "02:45–03:00 A" in the hour that comes twice; its end at midnight is 24:00.
export function period(start, end) {
  const [first, last] = [new Date(start).getTime(), new Date(end) - MINUTE];
  const [from, to] = [first, last].map(letterOf);
  const until = minuteOfDay(last) + 1;
  return `${berlinClock(first).slice(0, 5)}${from === to ? "" : from}–${two(Math.floor(until / 60))}:${two(until % 60)}${to}`;
}

// "13 - 14" of the API as "13–14", and hour 13 alike.
export const slot = (label) => label.replace(" - ", "–");
export const hour = (number) => `${two(number)}–${two(number + 1)}`;

export const written = (instant) => dated.format(new Date(instant));

// The minutes that a Berlin clock shows, from 0 at midnight.
export function minuteOfDay(instant) {
  const [hours, minutes] = berlinClock(instant).split(":");
  return Number(hours) * 60 + Number(minutes);
}

export const area = (code) => AREAS[code] ?? code ?? "";

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

// The first days of a list, and the number of further ones.
const DAYS_NAMED = 3;
export function dayList(days) {
  const more = days.length - DAYS_NAMED;
  return days.slice(0, DAYS_NAMED).map(dayShort).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}

// The order of texts, in which trader_2 is before trader_10.
export const compared = new Intl.Collator("en", { numeric: true }).compare;
