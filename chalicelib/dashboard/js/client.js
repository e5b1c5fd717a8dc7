// Calls the API with one login.

import { hourAndMinute, plural } from "./format.js";

export const LOCKED_OUT = "too_many_attempts";

export class Refused extends Error {
  constructor(status, body) {
    super(messageOf(body) ?? `Voltbook answered with status ${status}`);
    this.status = status;
    this.code = body?.code ?? null;
    this.problems = body?.problems ?? [];
  }
}

// No response, or one with a status that allows a retry.
export class Unreachable extends Error {}

// No response in time, although the connection may be open.
export class Silent extends Unreachable {}

const PATIENCE_SECONDS = 15;
// For what imports or tries a file: the gateway gives up after 29 seconds, and a slow line needs time to send it.
export const FILE_SECONDS = 60;
const PAGE = 5000;
const LATER = new Set([429, 500, 502, 503, 504]);
const REMEMBERED = 40;

// The API states seconds and an instant in UTC; both are rounded up, so that the next attempt is not too early.
function messageOf(body) {
  const [, seconds, until] = /wait (\d+) seconds?, until (\S+Z)/.exec((body?.code === LOCKED_OUT && body.message) || "") ?? [];
  if (!until || Number.isNaN(Date.parse(until))) return body?.message;
  const minute = 60_000;
  const opens = hourAndMinute(Math.ceil(Date.parse(until) / minute) * minute);
  return `Too many logins have failed from your address. Try again in ${plural(Math.ceil(seconds / 60), "minute")}, at ${opens} Berlin time`;
}

// Runs `work(signal, heard)` and aborts it when it is silent for so many seconds; `heard` restarts the time.
async function patiently(outer, seconds, work) {
  const inner = new AbortController();
  const silence = Promise.withResolvers();
  let timer;
  const giveUp = () => {
    silence.reject(new Silent(`Voltbook has not answered for ${seconds} seconds`));
    inner.abort();
  };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, seconds * 1000);
  };
  const stop = () => inner.abort();
  if (outer?.aborted) stop();
  outer?.addEventListener("abort", stop);
  heard();
  try {
    return await Promise.race([work(inner.signal, heard), silence.promise]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", stop);
  }
}

// RFC 7617 in UTF-8; btoa alone supports Latin letters only.
export function basic(name, password) {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${password}`)))}`;
}

function addressOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

async function bodyOf(answer) {
  try {
    return await answer.json();
  } catch {
    return null; // a gateway's own error page
  }
}

// A proxy or a hotel's sign-in page may answer in place of Voltbook, with status 200.
async function understood(answer) {
  try {
    return await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("What answered is not Voltbook");
  }
}

export function clientFor(authorization) {
  const known = new Map(); // the newest responses with their ETags, so that a refresh without changes costs nothing
  let changing = null; // the change of the password that is under way

  // Sends a request and reads the response with `read(answer)`.
  async function ask(path, query, read, options = {}) {
    const sent = authorization;
    try {
      return await send(path, query, read, options);
    } catch (error) {
      if (error.status !== 401 || options.body) throw error;
      await changing?.catch(() => {}); // the old password may end before the new one is known here
      if (sent === authorization) throw error;
      return send(path, query, read, options);
    }
  }

  // A `body` is sent as JSON, a file as it is.
  function send(path, query, read, { signal: outer, accept = "application/json", etag, body, seconds = PATIENCE_SECONDS }) {
    const headers = { Authorization: authorization, Accept: accept, ...(etag ? { "If-None-Match": etag } : {}) };
    const isFile = body instanceof Blob;
    const post = body && { method: "POST", body: isFile ? body : JSON.stringify(body) };
    if (post) headers["Content-Type"] = isFile ? "application/octet-stream" : "application/json";
    return patiently(outer, seconds, async (signal, heard) => {
      let answer;
      try {
        // Without credentials the browser neither opens its own login dialog nor stores a login.
        answer = await fetch(addressOf(path, query), { ...post, headers, signal, credentials: "omit", cache: "no-store" });
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Unreachable("Voltbook cannot be reached");
      }
      heard();
      if (LATER.has(answer.status)) throw new Unreachable(`Voltbook answered with status ${answer.status}`);
      if (!answer.ok && answer.status !== 304) throw new Refused(answer.status, await bodyOf(answer));
      return read(answer);
    });
  }

  async function get(path, query = {}, { signal } = {}) {
    const key = addressOf(path, query);
    const held = known.get(key);
    const read = async (answer) => (answer.status === 304 ? held : { value: await understood(answer), etag: answer.headers.get("ETag") });
    const found = await ask(path, query, read, { signal, etag: held?.etag });
    if (found === held) return held.value;
    known.delete(key);
    if (found.etag) known.set(key, found);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value);
    return found.value;
  }

  // All trades of a query in the full form, page by page.
  async function statements(query, { signal } = {}) {
    const all = [];
    const read = async (answer) => ({ page: await understood(answer), next: nextCursor(answer.headers.get("Link")) });
    let cursor = null;
    do {
      const { page, next } = await ask("v2/trades", { ...query, limit: PAGE, cursor }, read, { signal });
      for (const trade of page) all.push(trade);
      cursor = next;
    } while (cursor);
    return all;
  }

  // Whether the book has any trade of this trader, on any day.
  async function hasTrades(trader_id, { signal } = {}) {
    return (await ask("v1/trades", { trader_id, limit: 1 }, understood, { signal })).length > 0;
  }

  const reportAsCsv = (query, { signal } = {}) => ask("v2/reports/pnl", query, (answer) => answer.text(), { signal, accept: "text/csv" });

  // What changes the book may be sent again: the API answers what is in it. A key would be added twice.
  const post = (path, body, query = {}, options = {}) => ask(path, query, understood, { ...options, body });

  // Changes the password of this login, which the next requests use. Returns the new authorization.
  async function changePassword(name, passwords) {
    changing = ask("v2/me/password", {}, understood, { body: passwords }).then(() => {
      authorization = basic(name, passwords.new);
    });
    await changing;
    return authorization;
  }

  return { get, post, statements, hasTrades, reportAsCsv, changePassword };
}

// Only the cursor of the link is used, so that the login is never sent to another host.
function nextCursor(link) {
  const target = /<[^>?]*\?([^>]*)>; *rel="next"/.exec(link ?? "")?.[1];
  return target ? new URLSearchParams(target).get("cursor") : null;
}
