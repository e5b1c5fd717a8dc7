// Loads what is on the screen again every minute, unless paused or hidden, and aborts outdated requests.

import { useEffect, useReducer, useRef } from "preact/hooks";
import { Refused, Silent, Unreachable } from "./client.js";

export const EVERY_SECONDS = 60;
const FIRST_RETRY_SECONDS = 2;

const NOTHING = { key: null, value: null, at: null, asking: false, refusal: null, lost: null };

// Loads the value of `key` with `load(signal)`. Returns { value, key, at, asking, refusal, lost: { message, retryAt, isSilent } }.
// `subscribe` names the moment since which everything must be read again (changes.js).
// With `once` it loads only again if the key changes or `again` is called. `stale` marks the value of the previous key, which
// stays until the new one arrives.
export function useLive(key, load, { paused = false, onRefused, subscribe, once = false } = {}) {
  const [, render] = useReducer((count) => count + 1, 0);
  const state = useRef(NOTHING);
  const again = useRef(() => {});
  const isPaused = useRef(paused);
  isPaused.current = paused;

  useEffect(() => {
    if (key === null) return undefined;
    let timer, tries = 0, abort = new AbortController(), gone = false, askedAt = 0;
    const show = (change) => {
      if (gone) return;
      state.current = { ...state.current, ...change };
      render();
    };
    const later = (seconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => (mayAsk() ? ask() : later(1)), seconds * 1000);
    };
    const mayAsk = () => document.visibilityState === "visible" && (!isPaused.current || state.current.lost !== null);
    async function ask() {
      clearTimeout(timer);
      abort.abort();
      const mine = (abort = new AbortController());
      show({ asking: true });
      askedAt = Date.now();
      try {
        const value = await load(mine.signal);
        tries = 0;
        show({ key, value, at: Date.now(), asking: false, refusal: null, lost: null });
        if (!once) later(EVERY_SECONDS);
      } catch (error) {
        if (mine.signal.aborted) return;
        failed(error);
      }
    }
    function failed(error) {
      if (error instanceof Unreachable) {
        const seconds = Math.min(EVERY_SECONDS, FIRST_RETRY_SECONDS * 2 ** tries++);
        show({ asking: false, lost: { message: error.message, retryAt: Date.now() + seconds * 1000, isSilent: error instanceof Silent } });
        later(seconds);
      } else if (error instanceof Refused) {
        show({ key, value: null, asking: false, refusal: error, lost: null });
        onRefused?.(error);
      } else {
        throw error;
      }
    }
    const seen = () => {
      const due = state.current.at === null || Date.now() - state.current.at > EVERY_SECONDS * 1000;
      if (document.visibilityState === "visible" && due && !once && !isPaused.current) ask();
    };
    const unsubscribe = subscribe?.((outdated) => {
      if (!state.current.asking && askedAt < outdated) ask();
    });
    again.current = ask;
    document.addEventListener("visibilitychange", seen);
    ask();
    return () => {
      gone = true;
      unsubscribe?.();
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [key]);

  return { ...state.current, stale: state.current.value !== null && state.current.key !== key, again: () => again.current() };
}
