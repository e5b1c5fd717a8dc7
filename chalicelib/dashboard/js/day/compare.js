// What the hours of a day are compared with: the same weekday of the week before, and the mean of the seven days before.

import { useState } from "preact/hooks";
import { isKnown, notFinal } from "../completeness.js";
import { isDay, plusDays } from "../days.js";
import { meanOf } from "../exact.js";
import * as format from "../format.js";
import { useLive } from "../live.js";

const WEEK = 7;
const OFF = "voltbook.compared-off";

// "9 Jun, 10 Jun (file missing), 11 Jun (provisional)".
function named(days) {
  const groups = Map.groupBy(days, ({ completeness }) => notFinal(completeness));
  return [...groups].map(([why, of]) => `${of.map((day) => format.dayShort(day.delivery_day)).join(", ")} (${why})`).join(", ");
}

// The total of an hour; null if it is not known, undefined if the day has no such hour. The hour that comes twice is compared with
// the one that other days have, and they with its first.
function totalOf({ periods }, label) {
  const named = [label, `${label} A`, label.replace(/ [AB]$/, "")];
  return named.map((name) => periods.find((line) => line.label === name)).find(Boolean)?.total_eur;
}

function meanAt(days, label) {
  const amounts = days.map((day) => totalOf(day, label)).filter((amount) => amount !== undefined);
  return amounts.length && !amounts.includes(null) ? meanOf(amounts) : null;
}

// Of final days only: an hour without trades is then known to be zero. Returns [{ name, words, details, amounts }], with an amount or
// null for each period; without a final day a comparison has no line. While `days` are not read it has no amounts at all.
export function comparisonsOf({ delivery_day, periods }, days) {
  const before = plusDays(delivery_day, -WEEK);
  const finals = days?.filter((day) => isKnown(day.completeness));
  const isWhole = !finals || finals.length === WEEK;
  const amounts = (of) => days && periods.map(({ label }) => of(label));
  return [
    {
      name: "weekday",
      words: `${format.weekdayOf(before)} ${format.dayShort(before)}`,
      details: `Total of ${format.weekdayOf(before)} ${format.dayShort(before)}`,
      amounts: amounts((label) => (isKnown(days[0].completeness) ? totalOf(days[0], label) ?? null : null)),
    },
    {
      name: "mean",
      words: `${WEEK}-day mean`,
      details: isWhole ? `Total, mean of ${WEEK} days` : `Total, mean of ${finals.length} of ${WEEK} days`,
      amounts: amounts((label) => meanAt(finals, label)),
    },
  ];
}

// The days that are left out of the comparisons, and those whose clocks change; null if there are none.
export function leftOut(days) {
  const open = days.filter((day) => !isKnown(day.completeness));
  const changed = days.filter((day) => isKnown(day.completeness) && day.total.minutes !== 1440);
  const clocks = changed.map((day) => `${format.dayShort(day.delivery_day)} has ${day.total.minutes / 60} hours`);
  const text = [...(open.length ? [`Not final and not compared: ${named(open)}`] : []), ...clocks].join("; ");
  return text ? `${text}.` : null;
}

function readOff() {
  try {
    return new Set(JSON.parse(localStorage.getItem(OFF)));
  } catch {
    return new Set(); // a browser may refuse storage
  }
}

function keepOff(off) {
  try {
    localStorage.setItem(OFF, JSON.stringify([...off]));
  } catch {
    // chosen again at the next visit
  }
}

// The comparisons that this browser has switched off, by name.
export function useSwitches() {
  const [off, setOff] = useState(readOff);
  const toggle = (name) => {
    const after = new Set(off);
    if (!after.delete(name)) after.add(name);
    keepOff(after);
    setOff(after);
  };
  return [off, toggle];
}

// The seven days before. They are read again when a file was imported; a booking of today does not change them.
export function useWeekBefore(client, { trader_id, days: [day] }, isAsked, { onRefused }) {
  const query = { trader_id, start_day: plusDays(day.delivery_day, -WEEK), end_day: plusDays(day.delivery_day, -1) };
  const key = JSON.stringify(query);
  const load = async (signal) => ({ key, days: (await client.get("v2/reports/pnl", query, { signal })).days });
  const asked = isAsked && isDay(query.start_day) ? JSON.stringify([query, day.completeness.newest_import]) : null;
  const { value, lost, refusal } = useLive(asked, load, { once: true, onRefused });
  return { days: value?.key === key ? value.days : null, lost, refusal };
}
