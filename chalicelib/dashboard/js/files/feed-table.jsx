// The feeds of trades, each with its newest file and its next deadline.

import * as format from "../format.js";
import { Link } from "../link.jsx";
import { Scroller } from "../table.jsx";
import { stateNamed } from "./states.js";

export function Feeds({ feeds, feed }) {
  return (
    <section class="panel">
      <header class="panel-head"><h2>Feeds</h2></header>
      <Scroller label="Feeds of trades">
        <table>
          <caption class="unseen">Feeds of trades</caption>
          <thead>
            <tr>{["Feed", "Newest file", "State", "Next deadline (Berlin)", "Venue", "Files"].map((head) => <th scope="col" key={head}>{head}</th>)}</tr>
          </thead>
          <tbody>{feeds.map((one) => <Feed key={one.name} {...one} isShown={one.name === feed.name} />)}</tbody>
        </table>
      </Scroller>
    </section>
  );
}

function Feed({ name, newest_file_day: newest, state, next_deadline, venue, pattern, isShown }) {
  const { words, sign, tone } = state === null ? stateNamed("absent") : stateNamed(state);
  return (
    <tr class={isShown ? "open" : ""}>
      <th scope="row"><Link change={{ feed: name, file: null }} aria-current={isShown ? "true" : undefined}>{name}</Link></th>
      <td>{newest === null ? format.NONE : <Link change={{ feed: name, until: newest, file: newest }} arrives>{format.day(newest)}</Link>}</td>
      <td><span class={`dot ${tone}`} aria-hidden="true">{sign}</span> {words}</td>
      <td>{format.when(next_deadline)}</td>
      <td>{venue ?? "any"}</td>
      <td class="text" title={pattern}>{pattern}</td>
    </tr>
  );
}
