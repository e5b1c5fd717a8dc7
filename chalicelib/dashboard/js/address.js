// The address contains the whole view and never the login: a link opens the same view again. The view is after the `#`,
// so the page has one address, and no server receives the view.

import { useEffect, useRef, useState } from "preact/hooks";
import { isDay, plusDays, yesterday } from "./days.js";

export const VIEWS = ["day", "range", "files"];
export const METRICS = ["pnl", "mwh", "trades", "edge"];
const RANGE_DAYS = 30;

function readDay(given, name, otherwise) {
  return isDay(given.get(name)) ? given.get(name) : otherwise;
}

// An hour's label, "13 - 14", is "13" in an address.
function readHour(text) {
  return /^([01]\d|2[0-3])$/.test(text ?? "") ? `${text} - ${String(Number(text) + 1).padStart(2, "0")}` : null;
}

function oneOf(known, text) {
  return known.includes(text) ? text : known[0];
}

export function read(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const end = readDay(given, "end", yesterday());
  return {
    view: oneOf(VIEWS, given.get("view")),
    trader: given.get("trader") || null,
    day: readDay(given, "day", yesterday()),
    hour: readHour(given.get("hour")),
    start: readDay(given, "start", plusDays(end, 1 - RANGE_DAYS)),
    end,
    metric: oneOf(METRICS, given.get("metric")),
    until: readDay(given, "until", yesterday()),
    file: isDay(given.get("file")) ? given.get("file") : null,
  };
}

const SHOWN = {
  day: ["trader", "day", "hour"],
  range: ["trader", "start", "end", "metric"],
  files: ["until", "file"],
};

export function write(place) {
  const named = ["view", ...SHOWN[place.view]].filter((name) => place[name] !== null);
  const text = (name) => (name === "hour" ? place.hour.slice(0, 2) : place[name]);
  return `#${new URLSearchParams(named.map((name) => [name, text(name)]))}`;
}

// Returns the current view and the function that changes it: go({ day: ... }), which "back" undoes.
export function useAddress() {
  const [place, setPlace] = useState(() => read(location.hash));
  const newest = useRef(place);
  const show = (after) => {
    newest.current = after;
    setPlace(after);
  };
  useEffect(() => {
    const moved = () => show(read(location.hash));
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const go = (change, { replace = false } = {}) => {
    const after = { ...newest.current, ...change };
    const target = write(after);
    if (target !== location.hash) history[replace ? "replaceState" : "pushState"](null, "", target);
    show(after);
  };
  return [place, go];
}
