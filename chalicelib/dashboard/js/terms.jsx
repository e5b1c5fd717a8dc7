// The definition of a term beside its name: shown while the pointer or the keyboard's focus is on it, and on a tap.
//
// An element names its terms in `data-term`; one popover shows all of them, above whatever scrolls.

import { TERMS } from "./catalogue.js";

const SHOW_MILLISECONDS = 300;
const HIDE_MILLISECONDS = 200;
const GAP = 6;

const idOf = (name) => `term-${name}`;
const box = document.createElement("div");
let anchor = null;
let isHeld = false; // by a tap or the keyboard's focus: the pointer may go elsewhere
let timer;

// The attributes of an element that has a definition, for those who see it and those who hear it.
export function defined(...names) {
  const known = names.filter((name) => name in TERMS);
  return known.length ? { "data-term": known.join(" "), "aria-describedby": known.map(idOf).join(" ") } : {};
}

export function Term({ names, children }) {
  return (
    <button type="button" class="term" {...defined(...names)}>
      {children}
    </button>
  );
}

function paragraphs(names, isHeard) {
  return names.map((name) => {
    const text = document.createElement("p");
    text.textContent = TERMS[name];
    if (isHeard) text.id = idOf(name);
    return text;
  });
}

function place() {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = at.bottom + GAP;
  box.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
  box.style.top = `${below + height < innerHeight ? below : Math.max(GAP, at.top - height - GAP)}px`;
}

function hide() {
  clearTimeout(timer);
  if (anchor === null) return;
  anchor = null;
  box.hidePopover();
  box.remove();
}

function show(next, held) {
  clearTimeout(timer);
  isHeld = held || (isHeld && next === anchor);
  if (next === anchor) return;
  hide();
  anchor = next;
  box.replaceChildren(...paragraphs(next.dataset.term.split(" "), false));
  (next.closest("main, dialog") ?? document.body).append(box);
  box.showPopover();
  place();
}

const later = (work, milliseconds) => {
  clearTimeout(timer);
  timer = setTimeout(work, milliseconds);
};
const termAt = (target) => target.closest?.("[data-term]") ?? null;

let pointedAt = null;

// Only if the pointer moves: what comes to lie under one that rests was not pointed at.
function pointed({ target, pointerType, movementX, movementY }) {
  if (pointerType !== "mouse" || (movementX === 0 && movementY === 0)) return;
  const term = box.contains(target) ? anchor : termAt(target);
  if (term === pointedAt) return;
  pointedAt = term;
  if (term !== null) later(() => term.isConnected && show(term, false), SHOW_MILLISECONDS);
  else if (anchor === null || isHeld) clearTimeout(timer);
  else later(hide, HIDE_MILLISECONDS);
}

const heard = document.createElement("div");
heard.hidden = true;
heard.append(...paragraphs(Object.keys(TERMS), true));
document.body.append(heard);
box.className = "definition";
box.setAttribute("role", "tooltip");
box.popover = "manual";
document.addEventListener("pointermove", pointed);
document.addEventListener("focusin", ({ target }) => {
  const term = termAt(target);
  if (term?.matches(":focus-visible")) show(term, true);
  else if (term !== anchor) hide();
});
document.addEventListener("click", ({ target, pointerType }) => {
  const term = termAt(target);
  if (term !== null && (pointerType === "touch" || pointerType === "pen" || term.classList.contains("term"))) show(term, true);
  else if (term === null) hide();
});
document.addEventListener("scroll", () => (anchor !== null && isHeld ? place() : hide()), { capture: true, passive: true });
// Before others that close something on Escape.
addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || anchor === null) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    hide();
  },
  { capture: true },
);
