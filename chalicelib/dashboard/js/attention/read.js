// Reads what may need attention: the files of every feed each minute; the feeds and the report of the last days every ten minutes,
// and when a file has changed; of a day whose figures changed, also its unconfirmed trades. docs/reference/costs.md states what that costs.

import { plusDays, today, yesterday } from "../days.js";
import { allowed } from "./files.js";

const PAST_DAYS = 7;
const REPORT_MINUTES = 10;

// Answers { files, days, facts }; `files` has { feed, receipts } of each feed of trades, and is empty for traders. Keeps what it read for the next call.
export function readerOf(client, me, files) {
  const isTrader = me.role === "trader";
  const kept = { report: null, at: 0, key: null, facts: {} };

  const isOld = () => Date.now() - kept.at > REPORT_MINUTES * 60_000;

  async function report(signal, key) {
    if (!isOld() && key === kept.key) return kept.report;
    const query = { trader_id: me.trader_id, start_day: plusDays(today(), -PAST_DAYS), end_day: yesterday() };
    const { days } = await client.get("v1/reports/pnl", query, { signal });
    Object.assign(kept, { report: days, at: Date.now(), key });
    return days;
  }

  return async function read(signal) {
    const found = isTrader ? [] : await files.read(signal);
    const before = kept.report;
    const days = await report(signal, JSON.stringify([today(), found.map(({ receipts }) => receipts)]));
    if (days !== before) kept.facts = await factsOf(days, signal);
    return { files: found, days, facts: kept.facts };
  };

  async function factsOf(days, signal) {
    const facts = {};
    for (const day of days.filter(({ total }) => total.trades > 0)) {
      const key = JSON.stringify([day.total, day.completeness]);
      const before = kept.facts[day.delivery_day];
      const isSame = before?.key === key;
      facts[day.delivery_day] = {
        key,
        unconfirmed: isSame ? before.unconfirmed : await unconfirmedOf(day, signal),
        priceless: isSame && !before.priceless ? false : await isPriceless(day, signal),
      };
    }
    return facts;
  }

  async function unconfirmedOf({ delivery_day }, signal) {
    const query = { trader_id: me.trader_id, delivery_day, unconfirmed: true };
    return (await allowed(client.get("v1/trades", query, { signal })))?.length ?? 0;
  }

  // The report knows the desk's own prices; other sets are asked for only where one of those is missing.
  async function isPriceless({ delivery_day, periods }, signal) {
    if (!periods.some((line) => line.trades > 0 && line.reference_price === null)) return false;
    const query = { trader_id: me.trader_id, start_day: delivery_day, end_day: delivery_day };
    const valued = await allowed(client.get("v2/reports/pnl", query, { signal }));
    return valued !== null && valued.total.hours_without_reference > 0;
  }
}
