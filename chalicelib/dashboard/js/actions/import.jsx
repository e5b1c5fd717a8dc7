// Importing a file that was chosen or dropped on the page: first a dry run, which shows what it states; then the import itself.

import { useEffect, useRef, useState } from "preact/hooks";
import { FILE_SECONDS, Refused } from "../client.js";
import { yesterday, isDay } from "../days.js";
import { cashInFull } from "../exact.js";
import * as format from "../format.js";
import { DAILY, filesOf } from "../files/feeds.js";
import { hasOpenRows, isUnconfirmed, stateOf } from "../files/states.js";
import { Link } from "../link.jsx";
import { useLive } from "../live.js";
import { Refusal, Lost } from "../notices.jsx";
import { Table } from "../table.jsx";
import { Buttons, Dialog, Done, Message, SelectField, TextField, useSending } from "./form.jsx";
import { openAction } from "./open.js";
import { periodText } from "./slots.js";

const PACKED_FROM = 1_000_000;
const MOST_BYTES = 4 * 1024 * 1024; // of a request
const MOST_ROWS = 200;
const LOOK_AGAIN_SECONDS = 2;

const text = (name, head, of) => ({ name, head, text: true, of });
const TRADES = [
  text("period", "Delivery (Berlin)", (trade) => `${format.dayShort(format.berlinDay(trade.delivery_start))} ${periodText(trade)}`),
  text("direction", "Side", (trade) => trade.direction),
  { name: "quantity_mw", head: "Quantity", unit: "MW", of: (trade) => trade.quantity_mw, show: format.energy },
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (trade) => trade.price_eur_mwh, show: format.price },
  { name: "cash_eur", head: "Cash", unit: "EUR", of: cashInFull, show: format.pnl, tone: true },
  text("trader_id", "Trader", (trade) => trade.trader_id),
  text("strategy", "Strategy", (trade) => trade.strategy ?? ""),
  text("area", "Area", (trade) => format.area(trade.area)),
  text("venue", "Venue", (trade) => trade.venue),
  text("id", "Trade", (trade) => trade.id),
];
const PRICES = [
  text("start", "From (Berlin)", (price) => format.when(price.start)),
  text("minutes", "Minutes", (price) => String(price.minutes)),
  text("set", "Set", (price) => price.set),
  text("zone", "Zone", (price) => price.zone),
  { name: "price_eur_mwh", head: "Price", unit: "EUR/MWh", of: (price) => price.price_eur_mwh, show: format.price },
];
const PROBLEMS = [
  text("line", "Line", ({ line }) => String(line)),
  text("field", "Field", ({ field }) => field),
  { ...text("message", "Problem", ({ message }) => message), prose: true },
];
const rowsOf = (problems) => problems.flatMap(({ line, problems: of }) => of.map((problem) => ({ line, ...problem })));

const DATES = { "{YYYY-MM-DD}": "\\d{4}-\\d\\d-\\d\\d", "{YYYYMMDD}": "\\d{8}", "{DD.MM.YYYY}": "\\d\\d\\.\\d\\d\\.\\d{4}", "*": ".*" };

// A pattern without its folders, which a chosen file has none of.
function nameOf(pattern) {
  const parts = pattern.split("/").at(-1).split(/(\{[^{}]*\}|\*)/);
  return new RegExp(`^${parts.map((part) => DATES[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("")}$`);
}

// The feed whose files have this name; none is guessed, since the file would take the place of that feed's own.
function feedOf(name, feeds) {
  const found = feeds.filter(({ pattern }) => pattern.split("/").at(-1).includes("{") && nameOf(pattern).test(name));
  return found.length === 1 ? found[0].name : "";
}

// The day that a name suggests; it can be changed.
function dayOf(name) {
  const [, year, month, day] = /(20\d\d)-?(\d\d)-?(\d\d)/.exec(name) ?? [];
  const found = `${year}-${month}-${day}`;
  return isDay(found) ? found : yesterday();
}

async function packed(file, { feed, file_day }) {
  const isSmall = file.size < PACKED_FROM || file.name.endsWith(".gz");
  const sent = isSmall ? file : await new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).blob();
  if (sent.size <= MOST_BYTES) return sent;
  const command = `voltbook import ${file.name} --feed ${feed || "FEED"} --file-day ${file_day} --api ${new URL(".", location.href)}`;
  const message = `the file has ${format.count(sent.size)} bytes packed, and the page sends at most ${format.count(MOST_BYTES)}: import it with the command, ${command}, or upload it to the address that POST /v2/imports/upload answers`;
  throw new Refused(413, { message });
}

// The SHA-256 of what the bucket holds, by which the receipt of this file is known; null on a page of plain http.
async function hashOf(file) {
  if (!crypto.subtle) return null;
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = first === 0x1f && second === 0x8b;
  const plain = isPacked ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  const digest = await crypto.subtle.digest("SHA-256", await new Response(plain).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function ImportDialog({ client, file, initial, keep, onDone, onRefused, onClose }) {
  const [chosen, setChosen] = useState(file ?? initial.chosen ?? null);
  useEffect(() => file && setChosen(file), [file]);
  return (
    <Dialog title="Import a file" wide onClose={onClose}>
      {(close) => (
        <>
          <Chooser chosen={chosen} onChoose={setChosen} />
          {chosen && <ImportForm key={`${chosen.name} ${chosen.size} ${chosen.lastModified}`} {...{ client, chosen, initial, keep, onDone, onRefused, close }} />}
          {!chosen && <div class="actions"><button type="button" onClick={close}>Cancel</button></div>}
        </>
      )}
    </Dialog>
  );
}

function Chooser({ chosen, onChoose }) {
  return (
    <div class="field">
      <label for="field-file">{chosen ? `File: ${chosen.name}, ${format.count(chosen.size)} bytes` : "Choose a file, or drop it on the page"}</label>
      <input id="field-file" type="file" onChange={(event) => event.currentTarget.files[0] && onChoose(event.currentTarget.files[0])} />
    </div>
  );
}

function ImportForm({ client, chosen, initial, keep, onDone, onRefused, close }) {
  const [typed, setTyped] = useState(() => (initial.chosen === chosen ? initial.values : { feed: null, file_day: dayOf(chosen.name) }));
  useEffect(() => keep({ chosen, values: typed }), [typed]);
  const sending = useSending({ fields: ["feed", "file_day"], onDone, onRefused });
  const feeds = useLive("feeds", (signal) => client.get("v2/feeds", {}, { signal }), { once: true, onRefused });
  const values = { ...typed, feed: typed.feed ?? feedOf(chosen.name, feeds.value ?? []) };
  const set = (name) => (given) => setTyped((before) => ({ ...before, [name]: given }));
  const field = (name, label) => ({ name, label, value: values[name], onInput: set(name), problem: sending.problems[name] });
  const feed = feeds.value?.find(({ name }) => name === values.feed);
  const tried = useTried({ client, chosen, values, onRefused });
  const send = (event) => {
    event.preventDefault();
    sending.run(async () => {
      const content = await packed(chosen, values);
      const before = feed?.kind === "trades" ? await newestOf(client, values) : null;
      return { before, receipt: await client.post("v2/imports", content, values, { seconds: FILE_SECONDS }) };
    });
  };
  if (sending.result) return <Imported {...{ client, chosen, close, onDone, values }} first={sending.result.receipt} before={sending.result.before} />;
  return (
    <>
      <Tried live={tried} />
      <form ref={sending.form} onSubmit={send}>
        <div class="grid">
          <SelectField {...field("feed", "Feed")} options={[["", "Choose a feed"], ...(feeds.value ?? []).map(({ name }) => name)]} required />
          <TextField {...field("file_day", "Day of the file")} type="date" required />
        </div>
        <Message text={sending.message} />
        <Buttons asking={sending.asking} verb="Import" doing="Importing…" close={close} isDisabled={isUnknown(tried) || feeds.value === null} />
      </form>
    </>
  );
}

// The receipt of the newest version of this file day, if there is one.
async function newestOf(client, { feed, file_day }) {
  const [newest] = await filesOf(client, feed, { start_day: file_day, end_day: file_day });
  return newest ?? null;
}

const isUnknown = ({ refusal }) => refusal?.code === "unknown_format";

// What the file states. Nothing is written.
function useTried({ client, chosen, values, onRefused }) {
  const fileDay = values.file_day;
  const load = async (signal) => client.post("v2/imports", await packed(chosen, values), { format: "auto", dry_run: true, file_day: fileDay }, { signal, seconds: FILE_SECONDS });
  return useLive(isDay(fileDay) ? fileDay : null, load, { once: true, onRefused: (refusal) => refusal.status === 401 && onRefused(refusal) });
}

function Tried({ live }) {
  if (live.lost) return <Lost lost={live.lost} at={live.at} again={live.again} />;
  if (isUnknown(live)) {
    const [found] = live.refusal.message.split("; nearest format");
    return <p class="notice warn" role="status">{`Voltbook cannot read this file: ${found}. An administrator can describe the columns of a new kind of file to Voltbook.`}</p>;
  }
  if (live.refusal) return <Refusal refusal={live.refusal} />;
  if (live.value === null) return <p class="notice" role="status">Trying the file…</p>;
  return <Stated {...live.value} />;
}

function Stated({ format: name, mapping, trades, prices, other_side, problems, skipped }) {
  const rows = rowsOf(problems);
  const counts = [
    trades.length && format.plural(trades.length, "trade"),
    prices.length && format.plural(prices.length, "price"),
    other_side.length && `${format.plural(other_side.length, "trade")} of the other side, never booked`,
    skipped && `${format.plural(skipped, "row")} left out by the format`,
    problems.length && `${format.plural(problems.length, "row")} with problems`,
  ].filter(Boolean);
  return (
    <>
      <p role="status"><strong>{`Dry run, format ${name}${mapping && !name.endsWith(mapping) ? ` (${mapping})` : ""}: `}</strong>{`${counts.join(", ") || "nothing"}. Nothing is written.`}</p>
      {rows.length > 0 && <Part title="Rows with problems" columns={PROBLEMS} rows={rows} />}
      {trades.length > 0 && <Part title="Trades of the file" columns={TRADES} rows={trades} />}
      {prices.length > 0 && <Part title="Prices of the file" columns={PRICES} rows={prices} />}
    </>
  );
}

function Part({ title, columns, rows }) {
  return (
    <section>
      <Table caption={title} columns={columns} rows={rows.slice(0, MOST_ROWS)} tall />
      {rows.length > MOST_ROWS && <p class="hint">{`The first ${format.count(MOST_ROWS)} of ${format.count(rows.length)}.`}</p>}
    </section>
  );
}

// The receipt; of an import that takes longer it is asked for until it is there. Before, the newest one is of an earlier file.
function Imported({ client, chosen, first, before, values, onDone, close }) {
  const [receipt, setReceipt] = useState(first);
  const [problem, setProblem] = useState(null);
  const isOpen = useRef(true);
  const hash = useRef(null);
  useEffect(() => () => (isOpen.current = false), []);
  useEffect(() => {
    if (receipt.state !== "importing") return undefined;
    const look = async () => {
      try {
        const next = await client.get("v2/imports", values);
        hash.current ??= await hashOf(chosen);
        if (!isOpen.current) return;
        const isOwn = hash.current === null || next.sha256 === hash.current;
        setProblem(null);
        setReceipt(isOwn ? { ...next } : { ...receipt });
        if (isOwn && next.state !== "importing") onDone();
      } catch (error) {
        if (isOpen.current) [setProblem(error.message), setReceipt({ ...receipt })];
      }
    };
    const timer = setTimeout(look, LOOK_AGAIN_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [receipt]);
  if (receipt.state === "importing") {
    return (
      <>
        <p role="status">{`The file is stored and being imported…${problem ? ` ${problem}; looking again.` : ""}`}</p>
        <div class="actions"><button type="button" onClick={close}>Close</button></div>
      </>
    );
  }
  const isOld = before !== null && before.state !== "importing" && receipt.version <= before.version;
  return <Receipt {...{ receipt, values, isOld, close }} />;
}

const COUNTS = ["rows", "booked", "already_there", "enriched", "corrected", "withdrawn", "quarantined", "received", "changed", "unchanged"];

const counted = (receipt) => (name) =>
  name === "withdrawn" && isUnconfirmed(receipt)
    ? `missing ${format.count(receipt.withdrawn)}, still booked until accepted`
    : `${name.replaceAll("_", " ")} ${format.count(receipt[name])}`;

// `isOld`: the receipt is that of an earlier import of the same file.
function Receipt({ receipt, values, isOld, close }) {
  const rows = rowsOf([...(receipt.problems ?? []), ...(receipt.quarantine ?? [])]);
  const counts = COUNTS.filter((name) => Number.isInteger(receipt[name])).map(counted(receipt));
  const toReceipt = { view: "files", feed: values.feed === DAILY ? null : values.feed, file: values.file_day };
  const isOpen = isUnconfirmed(receipt) || hasOpenRows(receipt) || receipt.state === "held";
  const more = "booked" in receipt && (
    <>
      <Link change={toReceipt} arrives onPick={close}>Show its receipt</Link>
      {isOpen && <button type="button" onClick={() => openAction("accept", { feed: values.feed, day: values.file_day })}>Accept…</button>}
    </>
  );
  return (
    <Done {...{ close, more }}>
      {isOld && <p class="notice">{`This file was imported before${receipt.imported_at ? `, on ${format.when(receipt.imported_at)}` : ""}, as version ${receipt.version}. Nothing was done again; this is its receipt:`}</p>}
      <p><strong>{`${receipt.key}: ${stateOf(receipt).words.toLowerCase()}. `}</strong>{`${counts.join(", ")}.`}</p>
      {receipt.reason && <p>{`Reason: ${receipt.reason}.`}</p>}
      {rows.length > 0 && <Part title="Rows with problems" columns={PROBLEMS} rows={rows} />}
    </Done>
  );
}
