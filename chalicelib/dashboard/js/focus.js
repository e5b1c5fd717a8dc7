// Where the focus is after the page has changed: at what was asked for, and never lost.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const ASKED_FOR = ["tr.open .row-button:not(:disabled)", ".receipt h2"];
let isAwaited = false;
let last = null; // what had the focus last

// For a dialog that opens with the page's next state, not a frame later: the next key is its own.
export function useModal() {
  const dialog = useRef(null);
  useLayoutEffect(() => dialog.current.showModal(), []);
  return dialog;
}

// The next numbers are what the user asked for: the focus goes there, and the page scrolls to it.
export function arrive() {
  isAwaited = true;
}

function focusOn(element) {
  if (element.tabIndex < 0) element.tabIndex = -1; // a heading takes the focus from here alone
  element.focus({ preventScroll: true });
}

// Moves the focus once the numbers are there: to what was asked for, otherwise to the heading; with `isPartial` more is to come.
export function settle(isPartial = false) {
  const numbers = document.querySelector("main .numbers:not([aria-busy=true])");
  const heading = numbers?.querySelector("h1");
  if (!heading || document.querySelector("dialog[open]")) return;
  const asked = ASKED_FOR.map((one) => numbers.querySelector(one)).find(Boolean);
  const isLost = document.activeElement === document.body && last !== null && !last.isConnected;
  if (!isAwaited) {
    if (isLost) focusOn(heading);
    return;
  }
  focusOn(asked ?? heading);
  if (asked) asked.scrollIntoView({ block: "center" });
  else scrollTo(0, 0);
  isAwaited = isPartial && !asked;
}

// A control that had the focus and is gone leaves it to the heading.
export function useFocus(isPartial) {
  useLayoutEffect(() => settle(isPartial));
  useEffect(() => {
    const focused = ({ target }) => {
      last = target;
      if (!target.closest("main .numbers")) isAwaited = false; // the user went elsewhere meanwhile
    };
    addEventListener("focusin", focused);
    return () => removeEventListener("focusin", focused);
  }, []);
}
