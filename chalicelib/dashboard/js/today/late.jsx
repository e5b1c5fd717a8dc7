// A notification of the browser when a file of trades is late. The permission is asked for by a button alone.

import { useEffect, useRef, useState } from "preact/hooks";
import { DAILY, prefixOf } from "../files/feeds.js";
import * as format from "../format.js";

const LOOK_MILLISECONDS = 60_000;
const LATE = new Set(["late", "missing"]);

const isSupported = () => "Notification" in window;

// Follows what the strip reads. In a tab in the background, where a notification is of use, and while the page is paused the strip
// reads nothing, and this does.
export function LateFiles({ files, isPaused }) {
  const [permission, setPermission] = useState(() => (isSupported() ? Notification.permission : "denied"));
  const rests = useRef(isPaused);
  rests.current = isPaused;
  useEffect(() => {
    if (permission !== "granted") return undefined;
    const abort = new AbortController();
    let known = null;
    const unfollow = files.follow((feeds) => {
      const late = lateOf(feeds);
      for (const [key, file] of late) if (known && !known.has(key)) notify(key, file);
      known = late;
    });
    const look = () => (document.hidden || rests.current) && files.read(abort.signal).catch(() => {}); // the next look finds what came meanwhile
    const timer = setInterval(look, LOOK_MILLISECONDS);
    return () => {
      unfollow();
      clearInterval(timer);
      abort.abort();
    };
  }, [files, permission]);
  if (permission !== "default") return null;
  return (
    <button type="button" class="quiet" onClick={async () => setPermission(await Notification.requestPermission())}>
      Notify me of late files
    </button>
  );
}

const lateOf = (feeds) =>
  new Map(
    feeds.flatMap(({ feed: { name }, receipts }) =>
      receipts.filter(({ state }) => LATE.has(state)).map(({ file_day: day }) => [`${prefixOf(name)}${day}`, { feed: name, day }]),
    ),
  );

function notify(key, { feed, day }) {
  const what = feed === DAILY ? "A daily file is late" : `A file of ${feed} is late`;
  new Notification(what, { body: `The file of ${format.day(day)} has not arrived.`, tag: `late ${key}` });
}
