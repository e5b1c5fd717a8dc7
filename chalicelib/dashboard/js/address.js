// The address contains the whole view and never the login: a link opens the same view again. The view is after the `#`,
// so the page has one address, and no server receives the view.
//
// A view whose days nobody chose follows yesterday: a page left open overnight moves on. The history's state keeps that over
// a reload; a link that names its days does not follow. The view of today follows while its address names no day (`from`).

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { daysCounted, isDay, plusDays, yesterday } from "./days.js";

export const VIEWS = ["today", "day", "range", "trades", "files"];
export const GRAINS = ["15", "60"];
export const METRICS = ["total", "pnl", "realised", "open", "fees", "mwh", "trades", "edge"];
const RANGE_DAYS = 30;
export const FILE_DAYS = 30;
const DAYS = ["day", "start", "end", "until"];
const EVERY_MILLISECONDS = 20_000;

function readDay(given, name, otherwise) {
  return isDay(given.get(name)) ? given.get(name) : otherwise;
}

// "2026-06-15T11:00Z/15" is an opened row: the start of its delivery and its minutes.
const readSlot = (text) => (/^\d{4}-\d\d-\d\dT\d\d:\d\dZ\/(15|60)$/.test(text ?? "") ? text : null);

// An hour's label, "13 - 14" or "02 - 03 B", is "13" or "02B" in an address.
function readHour(text) {
  const [, hour, which] = /^([01]\d|2[0-3])([AB]?)$/.exec(text ?? "") ?? [];
  return hour ? `${hour} - ${String(Number(hour) + 1).padStart(2, "0")}${which && ` ${which}`}` : null;
}

// "epex/4711" is a trade: its venue and its id, which may be any text, also ".." or one with a slash.
const readTrade = (text) => (/^[a-z0-9-]{1,16}\/.{1,128}$/.test(text ?? "") ? text : null);
export const tradeAt = ({ venue, id }) => `${venue}/${id}`;

export function tradeOf(text) {
  const [venue] = text.split("/", 1);
  return { venue, id: text.slice(venue.length + 1) };
}

const readFeed = (text) => (/^[a-z0-9-]{1,32}$/.test(text ?? "") ? text : null);

function oneOf(known, text) {
  return known.includes(text) ? text : known[0];
}

export function read(fragment, state = null) {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const end = readDay(given, "end", yesterday());
  return withFile({
    view: oneOf(VIEWS, given.get("view")),
    trader: given.get("trader") || null,
    from: readDay(given, "from", null),
    slot: readSlot(given.get("slot")),
    grain: GRAINS.includes(given.get("grain")) ? given.get("grain") : null,
    kiosk: given.has("kiosk") ? "1" : null,
    day: readDay(given, "day", yesterday()),
    hour: readHour(given.get("hour")),
    start: readDay(given, "start", plusDays(end, 1 - RANGE_DAYS)),
    end,
    metric: oneOf(METRICS, given.get("metric")),
    trade: readTrade(given.get("trade")),
    until: readDay(given, "until", yesterday()),
    feed: readFeed(given.get("feed")),
    file: isDay(given.get("file")) ? given.get("file") : null,
    follows: state?.follows !== undefined ? state.follows : DAYS.some((name) => given.has(name)) ? null : yesterday(),
  });
}

// The window of file days stays where it is if the chosen file is in it.
function withFile(place) {
  const { file, until } = place;
  return file === null || (file <= until && file > plusDays(until, -FILE_DAYS)) ? place : { ...place, until: file };
}

// What changes in a view that follows yesterday when yesterday is another day than `follows`, otherwise null.
function movedOn({ follows, day, start, end, until }) {
  const now = yesterday();
  if (follows === null || follows === now) return null;
  return {
    ...(day === follows ? { day: now, hour: null } : {}),
    ...(end === follows ? { start: plusDays(start, daysCounted(follows, now) - 1), end: now } : {}),
    ...(until === follows ? { until: now } : {}),
    follows: now,
  };
}

const SHOWN = {
  today: ["trader", "from", "slot", "grain", "kiosk"],
  day: ["trader", "day", "hour"],
  range: ["trader", "start", "end", "metric"],
  trades: ["trader", "day", "trade"],
  files: ["feed", "until", "file"],
};

export function write(given) {
  const place = withFile(given);
  const named = ["view", ...SHOWN[place.view]].filter((name) => place[name] !== null);
  const text = (name) => (name === "hour" ? place.hour.replace(/ - \d\d ?/, "") : place[name]);
  return `#${new URLSearchParams(named.map((name) => [name, text(name)]))}`;
}

// What every part of the page can use: { place, go, views, known, askTraders, mayChoose }; `known` are names of traders.
export const Navigation = createContext(null);
export const useNavigation = () => useContext(Navigation);

// Returns the current view and the function that changes it: go({ day: ... }), which "back" undoes. Steps of the same kind that
// follow each other are one entry of the history: "back" returns to where they began.
export function useAddress({ paused }) {
  const [place, setPlace] = useState(() => read(location.hash, history.state));
  const newest = useRef(place);
  const show = (after) => {
    newest.current = after;
    setPlace(after);
  };
  useEffect(() => {
    const moved = () => show(read(location.hash, history.state));
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const go = (change, { replace = false, step = null } = {}) => {
    const chosen = DAYS.some((name) => name in change) ? { follows: null } : {};
    const after = withFile({ ...newest.current, ...chosen, ...change });
    const target = write(after);
    const goesOn = step !== null && history.state?.step === step;
    const isNew = target !== location.hash && !replace && !goesOn;
    const kept = isNew || goesOn ? step : (history.state?.step ?? null);
    history[isNew ? "pushState" : "replaceState"]({ follows: after.follows, step: kept }, "", target);
    show(after);
  };
  useEffect(() => {
    const check = () => {
      const after = movedOn(newest.current);
      if (!paused && after !== null) go(after, { replace: true });
    };
    const timer = setInterval(check, EVERY_MILLISECONDS);
    document.addEventListener("visibilitychange", check);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", check);
    };
  }, [paused]);
  return [place, go];
}
