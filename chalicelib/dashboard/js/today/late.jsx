// A notification of the browser when a daily file is late. The permission is asked for by a button alone.

import { useEffect, useRef, useState } from "preact/hooks";
import { plusDays, today } from "../days.js";
import * as format from "../format.js";

const LOOK_MILLISECONDS = 60_000;
const DAYS_BACK = 7;
const LATE = new Set(["late", "missing"]);

const isSupported = () => "Notification" in window;

// Looks every minute, also in a tab in the background: that is where a notification is of use.
export function LateFiles({ client }) {
  const [permission, setPermission] = useState(() => (isSupported() ? Notification.permission : "denied"));
  const known = useRef(null);
  useEffect(() => {
    if (permission !== "granted") return undefined;
    const abort = new AbortController();
    const look = async () => {
      try {
        const query = { start_day: plusDays(today(), -DAYS_BACK), end_day: today() };
        const receipts = await client.get("v1/files", query, { signal: abort.signal });
        const late = receipts.filter(({ state }) => LATE.has(state)).map(({ file_day }) => file_day);
        for (const day of late) if (known.current && !known.current.has(day)) notify(day);
        known.current = new Set(late);
      } catch {
        // The views show a lost connection; the next look finds what came meanwhile.
      }
    };
    look();
    const timer = setInterval(look, LOOK_MILLISECONDS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [client, permission]);
  if (permission !== "default") return null;
  return (
    <button type="button" class="quiet" onClick={async () => setPermission(await Notification.requestPermission())}>
      Notify me of late files
    </button>
  );
}

function notify(day) {
  new Notification("A daily file is late", { body: `The file of ${format.day(day)} has not arrived.`, tag: `late ${day}` });
}
