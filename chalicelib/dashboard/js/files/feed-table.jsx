// The feeds of trades, each with its newest file and its next deadline.

import * as format from "../format.js";
import { Link } from "../link.jsx";
import { Table } from "../table.jsx";
import { stateNamed } from "./states.js";

const text = (name, head, of) => ({ name, head, text: true, of });
const stateOf = ({ state }) => stateNamed(state ?? "absent");

export function Feeds({ feeds, feed }) {
  const isShown = ({ name }) => name === feed.name;
  const columns = [
    {
      ...text("name", "Feed", ({ name }) => name),
      link: (one) => <Link change={{ feed: one.name, file: null }} aria-current={isShown(one) ? "true" : undefined}>{one.name}</Link>,
    },
    {
      ...text("newest_file_day", "Newest file", ({ newest_file_day: newest }) => newest ?? ""),
      words: format.day,
      link: ({ name, newest_file_day: newest }) =>
        newest === null ? format.NONE : <Link change={{ feed: name, file: newest }} arrives>{format.day(newest)}</Link>,
    },
    { ...text("state", "State", (one) => stateOf(one).words), link: (one) => <State {...stateOf(one)} /> },
    { ...text("next_deadline", "Next deadline (Berlin)", ({ next_deadline }) => next_deadline), words: format.when },
    text("venue", "Venue", ({ venue }) => venue ?? "any"),
    text("pattern", "Files", ({ pattern }) => pattern),
  ];
  return (
    <section class="panel">
      <header class="panel-head"><h2>Feeds</h2></header>
      <Table caption="Feeds of trades" name="feeds" columns={columns} rows={feeds} keyOf={({ name }) => name} classOf={(one) => (isShown(one) ? "open" : "")} />
    </section>
  );
}

function State({ words, sign, tone }) {
  return (
    <>
      <span class={`dot ${tone}`} aria-hidden="true">{sign}</span> {words}
    </>
  );
}
