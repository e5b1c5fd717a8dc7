// The sign-in of this tab: { authorization, me }. A reload keeps it. It ends with the tab, on sign-out, on a 401, and after
// IDLE_MINUTES in the background or asleep; a screen on the wall is in use. SECURITY.md says why it is in sessionStorage.

import { useEffect } from "preact/hooks";

export const IDLE_MINUTES = 30;
const SIGN_IN = "voltbook.sign-in";
const USED_AT = "voltbook.used-at";
const TICK_SECONDS = 30;

// A browser may refuse storage; the sign-in then ends with a reload.
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

let usedAt = 0;

function touch() {
  usedAt = Date.now();
  attempt(() => sessionStorage.setItem(USED_AT, String(usedAt)));
}

const millisecondsLeft = () => usedAt + IDLE_MINUTES * 60_000 - Date.now();

export function keep(session) {
  touch();
  attempt(() => sessionStorage.setItem(SIGN_IN, JSON.stringify(session)));
}

// Replaces what was kept, unless the tab was signed out meanwhile.
export function renew(session) {
  if (attempt(() => sessionStorage.getItem(SIGN_IN))) keep(session);
}

export function forget() {
  attempt(() => [SIGN_IN, USED_AT].forEach((name) => sessionStorage.removeItem(name)));
}

// Returns what was kept, or null.
export function restore() {
  const session = attempt(() => JSON.parse(sessionStorage.getItem(SIGN_IN)));
  usedAt = Number(attempt(() => sessionStorage.getItem(USED_AT)));
  if (session && millisecondsLeft() > 0) return session;
  forget();
  return null;
}

// Calls `onIdle` when the page was not visible for that long, also if the machine slept.
export function useIdleLimit(isSignedIn, onIdle) {
  useEffect(() => {
    if (!isSignedIn) return undefined;
    const tick = () => {
      if (millisecondsLeft() <= 0) onIdle();
      else if (document.visibilityState === "visible") touch();
    };
    const timer = setInterval(tick, TICK_SECONDS * 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [isSignedIn]);
}
