// How many trades of the day no file contains, loaded after the numbers and the trades.

import { Refused } from "../client.js";
import * as format from "../format.js";
import { useLive } from "../live.js";

export function Unconfirmed({ client, report, refresh, isLoaded }) {
  const [{ delivery_day, periods }] = report.days;
  const query = { trader_id: report.trader_id, delivery_day, unconfirmed: true };
  const load = async (signal) => {
    try {
      return await client.get("v1/trades", query, { signal });
    } catch (error) {
      if (error instanceof Refused && error.status !== 401) return [];
      throw error;
    }
  };
  const key = JSON.stringify([query, periods]);
  const live = useLive(isLoaded ? key : null, load, { once: true, onRefused: refresh.onRefused });
  if (live.key !== key || !live.value?.length) return null;
  return (
    <p class="notice" role="status" data-testid="unconfirmed">
      {`${format.plural(live.value.length, "trade")} that no file contains, although the file of the day of execution is imported.`}
    </p>
  );
}
