// What the dialogs share: the frame, the fields with their problems, and sending. Nothing is shown as done before the API says so.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../client.js";
import * as format from "../format.js";
import { useModal } from "../focus.js";

export function Dialog({ title, wide, onClose, children }) {
  const dialog = useModal();
  const close = () => dialog.current.close(); // the browser moves the focus back to where it was
  return (
    <dialog ref={dialog} class={wide ? "wide" : ""} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {typeof children === "function" ? children(close) : children}
    </dialog>
  );
}

// The instants of an API's message on the clock of the form.
export const inBerlin = (message) => message.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z/g, (text) => `${format.written(text)} Berlin time`);

const AGAIN = "It is not known whether it was done; send it again: nothing is done twice.";
const NOTHING = { asking: false, message: null, problems: {}, result: null };

// `send` answers what the API answered. `fields` are the names that the form shows problems at; others join the message
// by their `labels`. Nothing was sent if it answers null.
// `unknown` is what to do if the answer is lost.
export function useSending({ fields = [], labels = {}, unknown = AGAIN, onDone, onRefused }) {
  const [state, setState] = useState(NOTHING);
  const form = useRef(null);
  useLayoutEffect(() => form.current?.querySelector("[aria-invalid]")?.focus(), [state.problems]);
  const isGone = useRef(false);
  useEffect(() => () => (isGone.current = true), []);
  async function run(send) {
    if (state.asking) return;
    setState({ ...NOTHING, asking: true });
    try {
      const result = await send();
      if (result !== null) onDone?.(result);
      if (!isGone.current) setState({ ...NOTHING, result });
    } catch (error) {
      if (!isGone.current) setState({ ...NOTHING, ...troubleOf(error, { fields, labels, unknown }) });
      if (error instanceof Refused) onRefused?.(error);
    }
  }
  return { ...state, run, form, reset: () => setState(NOTHING) };
}

function troubleOf(error, { fields, labels, unknown }) {
  if (!(error instanceof Refused)) return { message: `${error.message}. ${unknown}` };
  const named = error.problems.filter(({ field }) => fields.includes(field));
  const others = error.problems.filter(({ field }) => !fields.includes(field)).map(({ field, message }) => `${labels[field] ?? field} ${inBerlin(message)}`);
  const message = named.length && !others.length ? null : `${[error.message, ...others].join("; ")}.`;
  return { message, problems: Object.fromEntries(named.map(({ field, message: text }) => [field, inBerlin(text)])) };
}

export function Message({ text }) {
  return text ? <p class="problem" role="alert">{text}</p> : null;
}

// A trade whose id no address can have is shown and changed by the command alone.
export function NoPath({ trade: { venue, id }, command, more = "" }) {
  return <p class="notice">{`A web address cannot contain the id “${id}”: use voltbook trades ${command} ${id} --venue ${venue}${more} --book local on the machine of the book, or --book with its stage.`}</p>;
}

// The buttons at the end of a form.
export function Buttons({ asking, verb, doing, close, isDanger, isDisabled }) {
  return (
    <div class="actions">
      <button type="button" onClick={close}>Cancel</button>
      <button type="submit" class={isDanger ? "primary danger" : "primary"} disabled={asking || isDisabled}>{asking ? doing : verb}</button>
    </div>
  );
}

export function Done({ close, children, more }) {
  const button = useRef(null);
  useLayoutEffect(() => button.current.focus(), []);
  return (
    <>
      <div role="status">{children}</div>
      <div class="actions">
        {more}
        <button ref={button} type="button" class="primary" onClick={close}>Close</button>
      </div>
    </>
  );
}

// A labelled control with its problem: `children(attributes)` makes it.
export function Labelled({ name, label, problem, hint, children }) {
  const id = `field-${name}`;
  const described = [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, name, "aria-invalid": problem ? "true" : undefined, "aria-describedby": described || undefined })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {problem && <p class="problem" id={`${id}-problem`} role="alert">{`It ${problem}.`}</p>}
    </div>
  );
}

export function TextField({ value, onInput, type = "text", inputRef, list, ...field }) {
  const { name, label, problem, hint, ...more } = field;
  return (
    <Labelled {...{ name, label, problem, hint }}>
      {(attributes) => (
        <input
          {...attributes}
          {...more}
          {...{ type, value, list }}
          ref={inputRef}
          autoComplete={more.autoComplete ?? "off"}
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

// `options`: [value, words] or a value.
export function SelectField({ value, onInput, options, inputRef, ...field }) {
  const { name, label, problem, hint, ...more } = field;
  return (
    <Labelled {...{ name, label, problem, hint }}>
      {(attributes) => (
        <select {...attributes} {...more} ref={inputRef} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
          {options.map((option) => {
            const [key, words] = Array.isArray(option) ? option : [option, option];
            return <option key={key} value={key}>{words}</option>;
          })}
        </select>
      )}
    </Labelled>
  );
}
