// The current minute, for lines and states that move with the clock.

import { useEffect, useState } from "preact/hooks";

const MINUTE = 60_000;
const LOOK_MILLISECONDS = 1000;

const minute = () => Math.floor(Date.now() / MINUTE) * MINUTE;

// Returns the beginning of the minute in milliseconds; it stands still while paused.
export function useMinute(paused) {
  const [now, setNow] = useState(minute);
  useEffect(() => {
    if (paused) return undefined;
    const look = () => setNow(minute());
    look();
    const timer = setInterval(look, LOOK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [paused]);
  return now;
}
