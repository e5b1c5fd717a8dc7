// The feeds of trades, and which of their files are due.

import { weekdayNumber, plusDays } from "../days.js";
import { localTime } from "../format.js";

export const DAILY = "daily";
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export const feedsOfTrades = async (client, signal) => (await client.get("v2/feeds", {}, { signal })).filter(({ kind }) => kind === "trades");
export const filesOf = (client, feed, range, signal) => client.get("v2/files", { feed, ...range }, { signal });

// A file of this day is to come; of a feed without a first day nobody knows since when.
export const isExpected = ({ weekdays, since }, day) => weekdays.includes(WEEKDAYS[weekdayNumber(day)]) && (since === null || day >= since);

// Whether its deadline has passed, on the clock of the feed.
export function isDue({ deadline, deadline_days, timezone }, day, now = Date.now()) {
  return deadline !== null && `${plusDays(day, deadline_days)} ${deadline}` <= localTime(now, timezone);
}

// "nordpool " before the day of a file; the daily file needs no name.
export const prefixOf = (feed) => (feed === DAILY ? "" : `${feed} `);
