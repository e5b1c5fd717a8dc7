// Formats numbers for the reader's locale and times for Berlin; amounts are formatted from their exact text.

const locales = navigator.languages?.length ? navigator.languages : undefined;
export const NONE = "–";

const counts = new Intl.NumberFormat(locales);
const energies = new Intl.NumberFormat(locales, { maximumFractionDigits: 6 });
const money = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
const signedEnergies = new Intl.NumberFormat(locales, { maximumFractionDigits: 6, signDisplay: "exceptZero" });
const short = new Intl.NumberFormat(locales, { notation: "compact", maximumFractionDigits: 1 });
const minus = (text) => text.replace("-", "−");

const shown = (format) => (value) => (value === null || value === undefined ? NONE : minus(format.format(value)));
export const count = shown(counts);
export const energy = shown(energies);
export const netEnergy = shown(signedEnergies);
export const price = shown(money);
export const pnl = shown(signed);
// For the axes of charts, where a rounded number is enough.
export const axis = (value) => minus(short.format(value));

const dayFormat = new Intl.DateTimeFormat(locales, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(locales, { timeZone: "UTC", day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat(locales, { timeZone: "UTC", weekday: "short" });
const inBerlin = (options) => new Intl.DateTimeFormat(locales, { timeZone: "Europe/Berlin", ...options });
const clock = inBerlin({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const clockShort = inBerlin({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const moment = inBerlin({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exactMoment = inBerlin({
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

const atMidnight = (day) => new Date(`${day}T00:00:00Z`);
export const day = (text) => dayFormat.format(atMidnight(text));
export const dayShort = (text) => shortDay.format(atMidnight(text));
export const weekdayOf = (text) => weekday.format(atMidnight(text));
export const timeOfDay = (instant) => clock.format(new Date(instant));
export const hourAndMinute = (instant) => clockShort.format(new Date(instant));
export const when = (text) => (text === null ? NONE : moment.format(new Date(text)));
export const executed = (text) => exactMoment.format(new Date(text));

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

// The first days of a list, and the number of further ones.
const DAYS_NAMED = 3;
export function dayList(days) {
  const more = days.length - DAYS_NAMED;
  return days.slice(0, DAYS_NAMED).map(dayShort).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}
