// The form that books a trade: a statement of /v2/trades, used by keyboard alone. Sending it again books nothing twice.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useNavigation } from "../address.js";
import { FIRST_DAY, LAST_DAY, daysCounted, today } from "../days.js";
import * as format from "../format.js";
import { nearest } from "../names.js";
import { Buttons, Dialog, Done, Message, SelectField, TextField, inBerlin, useSending } from "./form.jsx";
import { may, openAction } from "./open.js";
import { berlinText, instantOf, periodText, slotsOf } from "./slots.js";

const VENUES = ["epex", "epex-da", "epex-ida", "nordpool", "nordpool-da", "otc", "internal"];
const KINDS = { hour: ["Hour", 4], quarter: ["Quarter-hour", 1], block: ["Block", 1] };
const AREAS = ["AMP", "TTG", "50HZ", "TBW", "AT"];
const CLOSING_MINUTES = 5;
const FARTHEST_DAYS = 366;
const LABELS = {
  venue: "Venue", id: "Trade id", direction: "Side", delivery_start: "From", delivery_end: "To", quantity_mw: "Quantity", quantity: "Quantity",
  price_eur_mwh: "Price", price: "Price", trader_id: "Trader", execution_time: "Executed", area: "Area", strategy: "Strategy",
};
const FIELDS = ["venue", "id", "direction", "delivery_start", "delivery_end", "quantity_mw", "price_eur_mwh", "trader_id", "execution_time", "area", "strategy"];
const NOW = { booked: "Booked", already_there: "Already in the book", enriched: "Completed", corrected: "Corrected", stale: "Not changed: the book is newer" };

// An id of the book's own, which the form proposes; one of the venue replaces it.
const proposedId = (now) => `hand-${berlinText(now).replace(/[-:]/g, "").replace("T", "-")}`;

function startValues(me, day, now = Date.now()) {
  return {
    venue: "epex", id: proposedId(now), direction: "buy", day: day ?? format.berlinDay(now + (CLOSING_MINUTES + 15) * 60_000), kind: "hour", from: "", to: "",
    quantity_mw: "", price_eur_mwh: "", trader_id: me.trader_id ?? "", execution_time: berlinText(now), area: "", strategy: "",
  };
}

// The runs of quarter-hours that a kind offers: [{ start, end, label, until }].
function periodsOf(day, kind) {
  const slots = slotsOf(day);
  if (kind !== "hour") return slots;
  return slots.filter((_, index) => index % 4 === 0).map((slot, index) => ({ ...slot, end: slots[index * 4 + 3].end, until: slots[index * 4 + 3].until }));
}

// The first period that can still be traded, or the first one of a day that is over.
const nextOf = (periods) => periods.find(({ start }) => Date.parse(start) > Date.now() + CLOSING_MINUTES * 60_000) ?? periods[0];

// What is probably a mistake, before anything is booked.
async function doubtsOf({ trader_id, day }, { client, me, known }) {
  const doubts = [];
  const days = daysCounted(today(), day);
  if (days > FARTHEST_DAYS) doubts.push(`Delivery day is ${format.count(days - 1)} days ahead.`);
  if (me.trader_id === null && !known.includes(trader_id) && !(await client.hasTrades(trader_id))) {
    const like = nearest(trader_id, known);
    doubts.push(`The book has no trade of a trader “${trader_id}” yet.${like.length ? ` Did you mean ${like.join(" or ")}?` : ""}`);
  }
  return doubts;
}

// A field that is empty states nothing.
function statementOf(values, from, to) {
  const given = { ...values, delivery_start: from?.start ?? "", delivery_end: to?.end ?? "", execution_time: instantOf(values.execution_time) };
  const stated = FIELDS.map((name) => [name, given[name].trim()]);
  return Object.fromEntries(stated.filter(([name, text]) => text !== "" || !["area", "strategy"].includes(name)));
}

export function BookDialog({ client, me, day, initial, keep, onDone, onRefused, onClose }) {
  return (
    <Dialog title="Book a trade" wide onClose={onClose}>
      {(close) => <BookForm {...{ client, me, day, initial, keep, onDone, onRefused, close }} />}
    </Dialog>
  );
}

function BookForm({ client, me, day, initial, keep, onDone, onRefused, close }) {
  const [values, setValues] = useState(() => ({ ...startValues(me, day), ...initial }));
  const sending = useSending({ fields: FIELDS, labels: LABELS, onDone, onRefused });
  const { known, askTraders } = useNavigation();
  const [doubts, setDoubts] = useState([]);
  const first = useRef(null);
  useLayoutEffect(() => first.current?.focus(), [sending.result]);
  useEffect(() => keep(values), [values]);
  const periods = useMemo(() => (values.day ? periodsOf(values.day, values.kind) : []), [values.day, values.kind]);
  const from = periods.find(({ start }) => start === values.from) ?? nextOf(periods);
  const later = periods.filter(({ start }) => from && start >= from.start);
  const to = values.kind === "block" ? later.find(({ end }) => end === values.to) ?? later.at(-1) : from;
  const set = (name) => (text) => {
    setDoubts([]);
    setValues((before) => ({ ...before, [name]: text }));
  };
  const field = (name, label) => ({ name, label, value: values[name], onInput: set(name), problem: sending.problems[name] });
  const next = () => {
    setValues((before) => ({ ...before, id: proposedId(Date.now()), quantity_mw: "", price_eur_mwh: "", execution_time: berlinText(Date.now()) }));
    sending.reset();
  };
  if (sending.result?.outcome) return <Booked {...sending.result} {...{ me, next, close }} />;
  return (
    <form
      ref={sending.form}
      class="booking"
      onSubmit={(event) => {
        event.preventDefault();
        sending.run(async () => {
          const found = doubts.length ? [] : await doubtsOf(values, { client, me, known });
          setDoubts(found);
          return found.length ? null : client.post("v2/trades", statementOf(values, from, to));
        });
      }}
    >
      <div class="grid">
        <SelectField {...field("direction", "Side")} inputRef={first} options={["buy", "sell"]} />
        <TextField {...field("quantity_mw", "Quantity (MW)")} inputMode="decimal" placeholder="12.5" required />
        <TextField {...field("price_eur_mwh", "Price (EUR/MWh)")} inputMode="decimal" placeholder="61.37" required />
        <TextField {...field("day", "Delivery day")} type="date" min={FIRST_DAY} max={LAST_DAY} required />
        <SelectField {...field("kind", "Product")} options={Object.entries(KINDS).map(([key, [words]]) => [key, words])} />
        <SelectField {...field("from", "From (Berlin)")} problem={sending.problems.delivery_start} value={from?.start} options={periods.map(({ start, label }) => [start, label])} />
        <SelectField {...field("to", "To (Berlin)")} problem={sending.problems.delivery_end} value={to?.end} disabled={values.kind !== "block"} options={later.map(({ end, until }) => [end, until])} />
        <SelectField {...field("venue", "Venue")} options={VENUES} />
        <TextField {...field("id", "Trade id")} maxLength={128} required />
        <TextField {...field("trader_id", "Trader")} list="book-traders" onFocus={askTraders} maxLength={128} required readOnly={me.trader_id !== null} />
        <TextField {...field("execution_time", "Executed (Berlin)")} type="datetime-local" step="1" required />
        <TextField {...field("area", "Area (optional)")} list="areas" maxLength={16} />
        <TextField {...field("strategy", "Strategy (optional)")} maxLength={32} />
      </div>
      <datalist id="areas">{AREAS.map((name) => <option key={name} value={name} />)}</datalist>
      <datalist id="book-traders">{known.map((name) => <option key={name} value={name} />)}</datalist>
      <Message text={sending.message} />
      {doubts.length > 0 && <ul class="notice warn" role="alert" aria-label="Before it is booked">{doubts.map((text) => <li key={text}>{text}</li>)}</ul>}
      <Buttons asking={sending.asking} verb={doubts.length ? "Book anyway" : "Book"} doing="Booking…" close={close} />
    </form>
  );
}

function Booked({ outcome, trade, warnings, me, next, close }) {
  const words = `${trade.direction} ${format.energy(trade.quantity_mw)} MW at ${format.price(trade.price_eur_mwh)} EUR/MWh, ${format.day(format.berlinDay(trade.delivery_start))} ${periodText(trade)}, for ${trade.trader_id}`;
  const isDoubted = warnings.length > 0 && outcome === "booked" && may(me).change;
  return (
    <Done close={close} more={<><button type="button" onClick={next}>Book another</button>{isDoubted && <button type="button" class="danger" onClick={() => openAction("withdraw", { trade })}>Withdraw</button>}</>}>
      <p><strong>{`${NOW[outcome] ?? outcome}: `}</strong>{`${trade.venue} ${trade.id}, ${words}.`}</p>
      {warnings.length > 0 && (
        <ul class="notice warn" aria-label="Warnings">
          {warnings.map(({ field, message }) => <li key={`${field} ${message}`}>{`${LABELS[field] ?? field} ${inBerlin(message)}.`}</li>)}
        </ul>
      )}
    </Done>
  );
}
