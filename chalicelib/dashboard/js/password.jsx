// The dialog in which users change their own password.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Refused } from "./client.js";
import { useModal } from "./focus.js";

const FIELDS = [
  { name: "old", label: "Current password", autoComplete: "current-password" },
  { name: "new", label: "New password", autoComplete: "new-password" },
  { name: "again", label: "New password again", autoComplete: "new-password" },
];
const NOTHING = { asking: false, message: null, problems: {} };

export function PasswordDialog({ client, me, onChanged, onRefused, onClose }) {
  const dialog = useModal();
  const close = () => dialog.current.close(); // the browser moves the focus back to where it was
  return (
    <dialog ref={dialog} aria-labelledby="password-title" onClose={onClose}>
      <PasswordForm {...{ client, me, onChanged, onRefused, close }} />
    </dialog>
  );
}

function PasswordForm({ client, me, onChanged, onRefused, close }) {
  const [state, setState] = useState(NOTHING);
  const [isChanged, setChanged] = useState(false);
  const form = useRef(null);
  useLayoutEffect(() => form.current?.querySelector("[aria-invalid]")?.select(), [state.problems]);

  async function submit(event) {
    event.preventDefault();
    const [old, fresh, again] = FIELDS.map(({ name }) => form.current.elements[name].value);
    if (fresh !== again) return setState({ ...NOTHING, problems: { again: "is not the same as the new password" } });
    setState({ ...NOTHING, asking: true });
    try {
      onChanged(await client.changePassword(me.name, { old, new: fresh }));
      setChanged(true);
    } catch (error) {
      setState({ ...NOTHING, ...troubleOf(error) });
      if (error instanceof Refused) onRefused(error);
    }
  }

  if (isChanged) return <Changed close={close} />;
  return (
    <form ref={form} onSubmit={submit}>
      <h2 id="password-title">Change password</h2>
      <input type="text" name="username" autoComplete="username" value={me.name} readOnly hidden />
      {FIELDS.map((field) => <PasswordField key={field.name} {...field} problem={state.problems[field.name]} />)}
      {state.message && <p class="problem" role="alert">{state.message}</p>}
      <div class="actions">
        <button type="button" onClick={close}>Cancel</button>
        <button type="submit" class="primary" disabled={state.asking}>{state.asking ? "Changing…" : "Change"}</button>
      </div>
    </form>
  );
}

function PasswordField({ name, label, autoComplete, problem }) {
  const id = `password-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...{ id, name, autoComplete }}
        type="password"
        required
        aria-invalid={problem ? "true" : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
      />
      {problem && <p class="problem" id={`${id}-problem`} role="alert">{`It ${problem}.`}</p>}
    </div>
  );
}

function Changed({ close }) {
  const button = useRef(null);
  useLayoutEffect(() => button.current.focus(), []);
  return (
    <>
      <h2 id="password-title">The password is changed</h2>
      <p>You stay signed in here. Other tabs and programs that use the old password are refused within a minute.</p>
      <div class="actions">
        <button ref={button} type="button" class="primary" onClick={close}>Close</button>
      </div>
    </>
  );
}

// The API's problems by field, and what concerns no field.
function troubleOf(error) {
  const named = FIELDS.map(({ name }) => name);
  const problems = Object.fromEntries((error.problems ?? []).map(({ field, message }) => [field, message]));
  if (Object.keys(problems).some((field) => named.includes(field))) return { problems };
  if (error instanceof Refused) return { message: `${error.message}.` };
  return { message: `${error.message}. The password may have been changed: if the current one is wrong now, sign in with the new one.` };
}
