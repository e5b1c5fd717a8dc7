// Speaks to the API as one login, which lives in this closure and nowhere else.

export class Refused extends Error {
  constructor(status, told) {
    super(told?.message ?? `Voltbook answered with status ${status}`);
    this.status = status;
    this.problems = told?.problems ?? [];
  }
}

// No answer, or one that says "later": worth another try.
export class Unreachable extends Error {}

const PAGE = 5000;
const LATER = new Set([429, 500, 502, 503, 504]);
const REMEMBERED = 40;

// RFC 7617 in UTF-8; btoa alone knows Latin letters only.
function basic(name, password) {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${password}`)))}`;
}

function addressOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

async function told(answer) {
  try {
    return await answer.json();
  } catch {
    return null; // a gateway's own words, which are none of ours
  }
}

// What stands between us and Voltbook (a hotel's sign-in page, a proxy) may answer in its place, and say 200.
async function understood(answer) {
  try {
    return await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("What answered is not Voltbook");
  }
}

export function clientFor(name, password) {
  const login = basic(name, password);
  const known = new Map(); // the newest answers with their ETags, so that a refresh costs nothing where nothing changed

  async function ask(path, query, { signal, accept = "application/json", etag } = {}) {
    const headers = { Authorization: login, Accept: accept, ...(etag ? { "If-None-Match": etag } : {}) };
    let answer;
    try {
      // Without credentials of its own the browser neither asks for a login in a window of its own nor keeps one.
      answer = await fetch(addressOf(path, query), { headers, signal, credentials: "omit", cache: "no-store" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable("Voltbook cannot be reached");
    }
    if (LATER.has(answer.status)) throw new Unreachable(`Voltbook answered with status ${answer.status}`);
    if (!answer.ok && answer.status !== 304) throw new Refused(answer.status, await told(answer));
    return answer;
  }

  async function get(path, query = {}, { signal } = {}) {
    const key = addressOf(path, query);
    const held = known.get(key);
    const answer = await ask(path, query, { signal, etag: held?.etag });
    if (answer.status === 304) return held.value;
    const value = await understood(answer);
    const etag = answer.headers.get("ETag");
    known.delete(key);
    if (etag) known.set(key, { etag, value });
    if (known.size > REMEMBERED) known.delete(known.keys().next().value);
    return value;
  }

  // All trades of a query, page by page; `onPage` hears how many there are so far.
  async function trades(query, { signal, onPage } = {}) {
    const all = [];
    let cursor = null;
    do {
      const answer = await ask("v1/trades", { ...query, limit: PAGE, cursor }, { signal });
      for (const trade of await understood(answer)) all.push(trade);
      cursor = nextCursor(answer.headers.get("Link"));
      onPage?.(all.length);
    } while (cursor);
    return all;
  }

  const reportAsCsv = async (query) => (await ask("v1/reports/pnl", query, { accept: "text/csv" })).text();

  return { get, trades, reportAsCsv };
}

// Only the cursor is taken from the link, so that the login goes nowhere else.
function nextCursor(link) {
  const target = /<[^>?]*\?([^>]*)>; *rel="next"/.exec(link ?? "")?.[1];
  return target ? new URLSearchParams(target).get("cursor") : null;
}
