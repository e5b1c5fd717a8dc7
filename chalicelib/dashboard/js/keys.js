// Keys act where the focus is: they move among neighbours, and Escape closes the innermost thing that is open.

import { useEffect } from "preact/hooks";

const TYPING = "input, select, textarea, [contenteditable]";

// Whether a key is left to the browser: with a modifier, or where something is typed or chosen.
export const isForBrowser = ({ altKey, ctrlKey, metaKey, shiftKey, target }) => altKey || ctrlKey || metaKey || shiftKey || target.closest(TYPING) !== null;

// Moves the focus among `elements` by a key of `steps` (-1 and 1), Home or End.
export function moveAmong(event, elements, steps) {
  const at = elements.indexOf(event.target);
  if (at < 0 || isForBrowser(event)) return;
  const to = { Home: 0, End: elements.length - 1 }[event.key] ?? (event.key in steps ? at + steps[event.key] : null);
  if (to === null) return;
  event.preventDefault();
  elements[to]?.focus();
}

export const SIDEWAYS = { ArrowLeft: -1, ArrowRight: 1 };
const UP_AND_DOWN = { ArrowUp: -1, ArrowDown: 1 };

// Rows that open: up and down move among them, right opens one, and left closes it.
export function rowKeys(event) {
  const row = event.target.closest(".row-button");
  if (row === null || isForBrowser(event)) return;
  const wanted = { ArrowRight: "true", ArrowLeft: "false" }[event.key];
  if (wanted) {
    event.preventDefault();
    if (row.getAttribute("aria-expanded") !== wanted) row.click();
  } else {
    moveAmong(event, [...row.closest("table").querySelectorAll(".row-button:not(:disabled)")], UP_AND_DOWN);
  }
}

// Closes the details around the focus, or the row that was opened last; false if nothing is open. A dialog closes by itself.
function closeInnermost(focused) {
  const details = focused.closest("details[open]");
  if (details) {
    details.open = false;
    details.querySelector("summary").focus();
    return true;
  }
  const opened = [...document.querySelectorAll("main [aria-expanded=true]")].at(-1);
  opened?.focus();
  opened?.click();
  return opened !== undefined;
}

// `onClose` is called by Escape if nothing else is open, `onJump` by Ctrl-K or Cmd-K.
export function useKeys({ onClose, onJump }) {
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
      if (event.key === "Escape" && !isForBrowser(event) && !closeInnermost(event.target)) onClose();
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        onJump();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
