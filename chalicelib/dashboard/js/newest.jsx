// A report without trades links to the newest day that has some.

import { Refused } from "./client.js";
import * as format from "./format.js";
import { Link } from "./link.jsx";
import { useLive } from "./live.js";

export function NewestDay({ client, trader, refresh }) {
  const query = { trader_id: trader };
  const load = async (signal) => {
    try {
      return await client.get("v1/reports/newest_day", query, { signal });
    } catch (error) {
      if (error instanceof Refused && error.status !== 401) return { newest_day: null };
      throw error;
    }
  };
  const { value } = useLive(JSON.stringify(query), load, { once: true, onRefused: refresh.onRefused });
  if (!value?.newest_day) return null;
  return (
    <>
      {" Newest day with trades: "}
      <Link change={{ view: "day", day: value.newest_day, hour: null }}>{format.day(value.newest_day)}</Link>
    </>
  );
}
