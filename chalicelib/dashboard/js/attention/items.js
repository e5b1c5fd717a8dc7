// What needs attention, as groups of links: { key, tone, sign, head, links: [{ key, text, change, seen }] }.

import * as format from "../format.js";
import { hasOpenRows, isUnconfirmed, stateOf } from "../files/states.js";
import { daysBetween, plusDays, today } from "../days.js";
import { DAILY, prefixOf } from "../files/feeds.js";
import { FILE_DAYS } from "./files.js";

const toDay = (day, trader) => ({ view: "day", trader, day, hour: null });
const toFile = (feed, day) => ({ view: "files", feed: feed === DAILY ? null : feed, file: day });

function group(key, tone, head, links) {
  return { key, tone, sign: { bad: "✕", warn: "!", calm: "↻" }[tone], head, links };
}

const fileLink = (words) => ({ feed, file_day, ...receipt }) => ({
  key: `${feed} ${file_day}`,
  text: `${prefixOf(feed)}${format.dayShort(file_day)}${words(receipt)}`,
  change: toFile(feed, file_day),
});
const plain = fileLink(() => "");
const isAwaited = ({ file_day }) => file_day >= today();

// The days of the last ones whose file is due and not there. What the report says is missing of the daily file is `reported`.
function missingOf({ feed, receipts }, days, reported) {
  const listed = new Set(receipts.map(({ file_day }) => file_day));
  const absent = feed.name === DAILY ? reported : days.filter((day) => stateOf(null, day, feed).name === "missing");
  return absent.filter((day) => !listed.has(day)).map((file_day) => ({ feed: feed.name, file_day }));
}

// The files of the last days, newest first, for those who may read them.
export function fileGroups(files, reported) {
  const days = daysBetween(plusDays(today(), 1 - FILE_DAYS), today()).reverse();
  const receipts = files.flatMap(({ feed, receipts: of }) => of.map((receipt) => ({ ...receipt, feed: feed.name })));
  const inState = (name) => receipts.filter((receipt) => stateOf(receipt, receipt.file_day).name === name);
  const missing = files.flatMap((of) => missingOf(of, days, reported));
  return [
    group("late", "bad", "Late file", inState("late").map(plain)),
    group("missing", "bad", "Missing file", missing.map(plain)),
    group("held", "bad", "Held file", inState("held").map(plain)),
    group("rejected", "bad", "Rejected file", [...inState("rejected"), ...inState("waiting").filter((one) => !isAwaited(one))].map(plain)),
    group("quarantined", "warn", "In quarantine", receipts.filter(hasOpenRows).map(fileLink((one) => `, ${format.plural(one.quarantined, "row")}`))),
    group("unconfirmed-file", "warn", "Missing from a file", receipts.filter(isUnconfirmed).map(fileLink((one) => `, ${format.plural(one.withdrawn, "trade")}`))),
  ];
}

// The past days of the report. `facts` has what was read of a day besides: { unconfirmed, priceless }.
export function dayGroups(days, facts, seen, { trader, isTrader }) {
  const over = days.filter(({ delivery_day }) => delivery_day < today()).reverse();
  const link = (words) => ({ delivery_day }) => ({ key: delivery_day, text: `${format.dayShort(delivery_day)}${words(delivery_day)}`, change: toDay(delivery_day, trader) });
  const unsettled = (state) => (isTrader ? over.filter(({ completeness }) => completeness.state === state) : []);
  const unconfirmed = over.filter(({ delivery_day }) => facts[delivery_day]?.unconfirmed);
  const priceless = over.filter(({ delivery_day }) => facts[delivery_day]?.priceless);
  const changed = over.filter(({ delivery_day, total }) => delivery_day in seen && seen[delivery_day] !== total.pnl_eur);
  return [
    group("missing", "bad", "Missing file", unsettled("missing").map(link(() => ""))),
    group("provisional", "warn", "Not final", unsettled("provisional").map(link(() => ""))),
    group("unconfirmed", "warn", "In no file", unconfirmed.map(link((day) => `, ${format.plural(facts[day].unconfirmed, "trade")}`))),
    group("priceless", "warn", "No reference price", priceless.map(link(() => ""))),
    group("changed", "calm", "Changed", changed.map((day) => ({
      ...link(() => `: cash ${format.pnl(seen[day.delivery_day])} → ${format.pnl(day.total.pnl_eur)} EUR`)(day),
      seen: { [day.delivery_day]: day.total.pnl_eur },
    }))),
  ];
}

// The figures of past days that were not recorded before. A day without trades has no figure yet.
export function newFigures(days, seen) {
  const known = days.filter(({ delivery_day, total }) => delivery_day < today() && total.trades > 0 && !(delivery_day in seen));
  return Object.fromEntries(known.map(({ delivery_day, total }) => [delivery_day, total.pnl_eur]));
}
