// The fields for the trader and the days of a view.

import { useEffect, useRef, useState } from "preact/hooks";
import { isDay, plusDays, yesterday, FIRST_DAY, LAST_DAY } from "./days.js";
import { isForBrowser } from "./keys.js";

// The left and right arrows step by a day, unless what has the focus uses them or a dialog is open.
export function useArrows(step) {
  const newest = useRef(step);
  newest.current = step;
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || isForBrowser(event) || document.querySelector("dialog[open]")) return;
      const scroller = event.target.closest(".scroller");
      if (scroller && scroller.scrollWidth > scroller.clientWidth) return;
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        newest.current(by);
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

export function DayField({ label, value, onChange }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="date"
        value={value}
        min={FIRST_DAY}
        max={LAST_DAY}
        required
        onChange={(event) => isDay(event.currentTarget.value) && onChange(event.currentTarget.value)}
      />
    </label>
  );
}

// `standard` is the day that the button named `name` goes back to. Steps are one entry of the history.
export function DayStepper({ day, onChange, name = "Yesterday", standard = yesterday() }) {
  const step = (by) => isDay(plusDays(day, by)) && onChange(plusDays(day, by), { step: "day" });
  useArrows(step);
  return (
    <div class="stepper" role="group" aria-label="Delivery day">
      <button type="button" onClick={() => step(-1)} aria-label="Previous day" aria-keyshortcuts="ArrowLeft">‹</button>
      <DayField label="Delivery day" value={day} onChange={(typed) => onChange(typed, { step: "field" })} />
      <button type="button" onClick={() => step(1)} aria-label="Next day" aria-keyshortcuts="ArrowRight">›</button>
      <button type="button" class="quiet" onClick={() => onChange(standard)} disabled={day === standard}>{name}</button>
    </div>
  );
}

// Typing filters the list of traders, and Enter accepts any name. An empty field means the whole desk.
export function TraderField({ trader, known, onFocus, onChange }) {
  const [typed, setTyped] = useState(trader ?? "");
  useEffect(() => setTyped(trader ?? ""), [trader]);
  const choose = (text) => (text || null) !== trader && onChange(text || null);
  const changed = (event) => {
    const { value } = event.currentTarget;
    setTyped(value);
    // A choice from the list applies at once; typed text may be the beginning of a longer name.
    const byHand = /^(insertText|insertComposition|delete)/.test(event.inputType ?? "");
    if (!byHand && known.includes(value)) choose(value);
  };
  const input = useRef(null);
  const left = () => (typed === "" || known.includes(typed) ? choose(typed) : setTyped(trader ?? ""));
  return (
    <form
      class="trader"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        choose(typed);
      }}
    >
      <label class="field">
        <span>Trader</span>
        <input
          ref={input}
          type="search"
          list="traders"
          placeholder="Whole desk"
          value={typed}
          maxLength={128}
          autoComplete="off"
          spellcheck={false}
          onFocus={onFocus}
          onInput={changed}
          onBlur={left}
        />
      </label>
      <datalist id="traders">
        {known.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      {trader !== null && (
        <button type="button" class="quiet" onClick={() => [input.current.focus(), onChange(null)]}>Whole desk</button>
      )}
    </form>
  );
}
