// A notification of the browser when a file of trades is late. The permission is asked for by a button alone.

import { useEffect, useRef, useState } from "preact/hooks";
import { plusDays, today } from "../days.js";
import { DAILY, feedsOfTrades, filesOf, prefixOf } from "../files/feeds.js";
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
    let feeds = null; // a feed is added by a restart of the API alone
    const look = async () => {
      try {
        const range = { start_day: plusDays(today(), -DAYS_BACK), end_day: today() };
        feeds ??= await feedsOfTrades(client, abort.signal);
        const late = new Map();
        for (const { name } of feeds) {
          for (const { file_day, state } of await filesOf(client, name, range, abort.signal)) {
            if (LATE.has(state)) late.set(`${prefixOf(name)}${file_day}`, { feed: name, day: file_day });
          }
        }
        for (const [key, file] of late) if (known.current && !known.current.has(key)) notify(key, file);
        known.current = late;
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

function notify(key, { feed, day }) {
  const what = feed === DAILY ? "A daily file is late" : `A file of ${feed} is late`;
  new Notification(what, { body: `The file of ${format.day(day)} has not arrived.`, tag: `late ${key}` });
}
