// The form that asks for the login.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { LOCKED_OUT, Refused, basic, clientFor } from "./client.js";
import { IDLE_MINUTES } from "./session.js";

export function Login({ message, onLogin }) {
  const [state, setState] = useState({ asking: false, message });
  const first = useRef(null);
  useLayoutEffect(() => first.current?.focus(), []);

  async function submit(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const [name, password] = [form.elements.username.value, form.elements.password.value];
    setState({ asking: true, message: null });
    const authorization = basic(name, password);
    try {
      onLogin({ authorization, me: await clientFor(authorization).get("v1/me") });
    } catch (error) {
      setState({ asking: false, message: textOf(error) });
      form.elements.password.select();
    }
  }

  return (
    <main class="login" id="main">
      <form onSubmit={submit} aria-labelledby="login-title">
        <p class="brand">
          <Mark /> Voltbook
        </p>
        <h1 id="login-title">Sign in</h1>
        <label class="field">
          <span>User name</span>
          <input ref={first} name="username" autoComplete="username" required maxLength={128} spellcheck={false} autoCapitalize="none" />
        </label>
        <label class="field">
          <span>Password</span>
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <p class="message" role="alert">{state.message}</p>
        <button type="submit" class="primary" disabled={state.asking}>{state.asking ? "Signing in…" : "Sign in"}</button>
        <p class="hint">You stay signed in until you sign out, close this tab, or leave it in the background for {IDLE_MINUTES} minutes.</p>
      </form>
      <p class="foot"><a href="docs">API documentation</a></p>
    </main>
  );
}

function textOf(error) {
  if (error instanceof Refused && error.status === 401) return "The user name or the password is wrong.";
  if (error.code === LOCKED_OUT) return `${error.message}.`;
  return `${error.message}. Nothing was lost; try again.`;
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path d="M18.6 4 8 18.2h6.4L12.6 28 24 13.2h-6.9z" />
    </svg>
  );
}
