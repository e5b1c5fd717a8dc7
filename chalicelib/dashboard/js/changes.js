// Asks every few seconds whether the book has changed: one read of one item, in place of the numbers.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refused, Silent, Unreachable } from "./client.js";

export const LOOK_SECONDS = 4;

// Returns { subscribe(listener), lost }. A listener receives the moment (Date.now) since which everything must be read
// again. Both times of the answer are of Voltbook's clock, so that the page's own clock may be wrong.
export function useChanges(client, { paused, onRefused }) {
  const listeners = useRef(new Set());
  const [lost, setLost] = useState(null);
  const newest = useRef(null);
  newest.current = { paused, onRefused };

  useEffect(() => {
    let timer, abort = new AbortController(), gone = false;
    const later = () => {
      clearTimeout(timer);
      if (!gone) timer = setTimeout(look, LOOK_SECONDS * 1000);
    };
    async function look() {
      clearTimeout(timer);
      if (document.visibilityState !== "visible" || newest.current.paused) return later();
      abort.abort();
      const mine = (abort = new AbortController());
      try {
        const { as_of, changed_until } = await client.get("v2/changes", {}, { signal: mine.signal });
        setLost(null);
        const outdated = Date.now() + Date.parse(changed_until) - Date.parse(as_of);
        if (changed_until !== null) for (const listener of listeners.current) listener(outdated);
      } catch (error) {
        if (mine.signal.aborted) return undefined;
        if (error instanceof Unreachable) {
          setLost((before) => before ?? { isSilent: error instanceof Silent });
        } else if (error instanceof Refused) {
          if (error.status === 401) newest.current.onRefused(error);
          return undefined; // the numbers are still read every minute
        } else {
          throw error;
        }
      }
      return later();
    }
    const seen = () => document.visibilityState === "visible" && look();
    document.addEventListener("visibilitychange", seen);
    look();
    return () => {
      gone = true;
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [client]);

  const subscribe = useCallback((listener) => {
    listeners.current.add(listener);
    return () => listeners.current.delete(listener);
  }, []);
  return { subscribe, lost };
}
