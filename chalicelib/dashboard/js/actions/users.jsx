// Logins and their API keys, for the admin. A new key is shown once, and kept nowhere.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { Table } from "../table.jsx";
import { Dialog, Message, SelectField, TextField, useSending } from "./form.jsx";

const ROLES = ["trader", "desk", "importer", "admin"];
const UNKNOWN_KEY = "It is not known whether the key was added: open Users again, and revoke a key that nobody has seen.";
const pathOf = (name) => `v2/users/${encodeURIComponent(name)}`;

export function UsersDialog({ client, initial, keep, onRefused, onClose }) {
  const live = useLive("users", (signal) => client.get("v2/users", {}, { signal }), { once: true, onRefused });
  const shared = { client, onRefused, onDone: live.again };
  const [opened, setOpened] = useState(null);
  return (
    <Dialog title="Users and keys" wide onClose={onClose}>
      {(close) => (
        <>
          <Live live={live}>
            {(users) => (
              <>
                <List {...{ users, opened }} onOpen={(name) => setOpened(name === opened ? null : name)} />
                {users.filter(({ name }) => name === opened).map((user) => <Login key={user.name} user={user} {...shared} />)}
              </>
            )}
          </Live>
          <NewLogin {...shared} {...{ initial, keep }} />
          <div class="actions"><button type="button" onClick={close}>Close</button></div>
        </>
      )}
    </Dialog>
  );
}

function List({ users, opened, onOpen }) {
  const text = (name, head, of) => ({ name, head, text: true, of });
  const open = ({ name }) => <button type="button" class="link" aria-expanded={name === opened} onClick={() => onOpen(name)}>{name}</button>;
  const columns = [
    { ...text("name", "Name", ({ name }) => name), link: open },
    text("role", "Role", ({ role }) => role),
    text("trader_id", "Trader", ({ trader_id }) => trader_id ?? ""),
    text("state", "State", ({ disabled }) => (disabled ? "disabled" : "active")),
    { name: "keys", head: "Keys", of: ({ keys }) => keys.length, show: format.count },
  ];
  return <Table caption="Logins" name="logins" columns={columns} rows={users} keyOf={({ name }) => name} tall />;
}

// One login: its role, its state and its keys.
function Login({ user, client, onRefused, onDone }) {
  const [role, setRole] = useState(user.role);
  const [trader, setTrader] = useState(user.trader_id ?? "");
  const sending = useSending({ fields: ["role", "trader_id"], onDone, onRefused });
  const change = (body) => sending.run(() => client.post(pathOf(user.name), body));
  const save = (event) => {
    event.preventDefault();
    change({ role, ...(role === "trader" ? { trader_id: trader } : {}) });
  };
  return (
    <section class="login-detail" aria-label={`Login ${user.name}`}>
      <h3>{user.name}</h3>
      <form ref={sending.form} onSubmit={save}>
        <div class="grid">
          <SelectField name="role" label="Role" value={role} onInput={setRole} options={ROLES} problem={sending.problems.role} />
          {role === "trader" && <TextField name="trader_id" label="Trader" value={trader} onInput={setTrader} maxLength={128} required problem={sending.problems.trader_id} />}
        </div>
        <Message text={sending.message} />
        {sending.result && <p role="status">Changed. Requests may use the old state for up to 60 seconds.</p>}
        <div class="actions">
          <button type="button" disabled={sending.asking} onClick={() => change({ disabled: !user.disabled })}>{user.disabled ? "Enable" : "Disable"}</button>
          <button type="submit" disabled={sending.asking || (role === user.role && trader === (user.trader_id ?? ""))}>Change role</button>
        </div>
      </form>
      <Keys {...{ user, client, onRefused, onDone }} />
    </section>
  );
}

function Keys({ user, client, onRefused, onDone }) {
  const [label, setLabel] = useState("");
  const adding = useSending({ fields: ["label"], unknown: UNKNOWN_KEY, onDone, onRefused });
  const revoking = useSending({ onDone, onRefused });
  return (
    <>
      <ul class="keys">
        {user.keys.map((key) => (
          <li key={key.id}>
            <span>{`${key.label ?? "(no label)"}, ${key.id}, added ${format.when(key.created_at)}, ${key.last_used_at ? `last used ${format.when(key.last_used_at)}` : "never used"}`}</span>
            <button type="button" class="danger" disabled={revoking.asking} aria-label={`Revoke the key ${key.id}`} onClick={() => revoking.run(() => client.post(`${pathOf(user.name)}/keys/${key.id}/revoke`, {}))}>Revoke</button>
          </li>
        ))}
      </ul>
      <Message text={revoking.message} />
      {revoking.result && <p role="status">{`The key ${revoking.result.id} is revoked. Requests may still succeed for up to 60 seconds.`}</p>}
      {adding.result && <Token {...adding.result} />}
      <form
        ref={adding.form}
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          adding.run(() => client.post(`${pathOf(user.name)}/keys`, label === "" ? {} : { label }));
        }}
      >
        <TextField name="label" label="Label of a new key" value={label} onInput={setLabel} maxLength={128} problem={adding.problems.label} />
        <Message text={adding.message} />
        <button type="submit" disabled={adding.asking}>Add a key</button>
      </form>
    </>
  );
}

function Token({ token }) {
  const field = useRef(null);
  useLayoutEffect(() => field.current.select(), []);
  return (
    <div class="notice" role="status">
      <TextField name="token" label="The new key. It is shown this once: copy it now." value={token} onInput={() => {}} inputRef={field} readOnly />
    </div>
  );
}

const NEW = { name: "", role: "trader", trader_id: "" };

// The password is in no draft: it is typed again if the session ends.
function NewLogin({ client, initial, keep, onRefused, onDone }) {
  const [values, setValues] = useState({ ...NEW, ...initial });
  const [password, setPassword] = useState("");
  const done = () => {
    setValues(NEW);
    setPassword("");
    onDone();
  };
  useEffect(() => keep(values), [values]);
  const sending = useSending({ fields: ["name", "password", "role", "trader_id"], onDone: done, onRefused });
  const set = (name) => (text) => setValues((before) => ({ ...before, [name]: text }));
  const field = (name, label) => ({ name: `new-${name}`, label, value: values[name], onInput: set(name), problem: sending.problems[name] });
  const send = (event) => {
    event.preventDefault();
    const { name, role, trader_id } = values;
    sending.run(() => client.post("v2/users", { name, password, role, ...(role === "trader" ? { trader_id } : {}) }));
  };
  return (
    <form ref={sending.form} onSubmit={send} aria-label="Add a login">
      <h3>Add a login</h3>
      <div class="grid">
        <TextField {...field("name", "Name")} maxLength={128} required />
        <SelectField {...field("role", "Role of the login")} options={ROLES} />
        {values.role === "trader" && <TextField {...field("trader_id", "Its trader")} maxLength={128} required />}
        <TextField {...field("password", "Password")} value={password} onInput={setPassword} type="password" autoComplete="new-password" required />
      </div>
      <Message text={sending.message} />
      {sending.result && <p role="status">{`The login ${sending.result.name} is added.`}</p>}
      <div class="actions"><button type="submit" class="primary" disabled={sending.asking}>Add the login</button></div>
    </form>
  );
}
