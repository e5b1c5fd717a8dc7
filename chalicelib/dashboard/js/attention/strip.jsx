// What needs attention, over every view: each entry links to where it is dealt with.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as format from "../format.js";
import { onChange } from "../actions/open.js";
import { Link } from "../link.jsx";
import { useLive } from "../live.js";
import { dayGroups, fileGroups, newFigures } from "./items.js";
import { readerOf } from "./read.js";
import { keepSeen, seenBy } from "./seen.js";

const MOST_LINKS = 5;

// It is read after the numbers of the view (`isReady`), which come first.
export function Attention({ client, me, files, isReady, refresh, children }) {
  const read = useMemo(() => readerOf(client, me, files), [client, me, files]);
  const wasReady = useRef(false);
  wasReady.current ||= isReady;
  const live = useLive(wasReady.current ? me.name : null, read, refresh);
  useEffect(() => onChange(live.again), []);
  const [isWhole, setWhole] = useState(false);
  return (
    <div class="attention">
      <section aria-label="Needs attention" aria-busy={live.value === null} class={isWhole ? "all" : ""}>
        {live.value === null ? <Unread live={live} /> : <Groups {...live} {...{ me, isWhole, setWhole }} />}
      </section>
      {children}
    </div>
  );
}

function Unread({ live }) {
  if (live.refusal) return <p class="calm-line">{`What needs attention cannot be shown: ${live.refusal.message}.`}</p>;
  return <p class="calm-line">{live.lost ? "What needs attention is not known: no connection." : "Checking what needs attention…"}</p>;
}

function Groups({ value: { files, days, facts }, at, lost, me, isWhole, setWhole }) {
  const [marks, setMarks] = useState({});
  const [list, isCut] = useCut();
  const isTrader = me.role === "trader";
  const seen = useMemo(() => {
    const before = { ...seenBy(me.name), ...marks };
    const after = { ...newFigures(days, before), ...before };
    keepSeen(me.name, after);
    return after;
  }, [days, marks]);
  const missing = isTrader ? [] : [...new Set(days.flatMap(({ completeness }) => completeness.missing_files))].sort().reverse();
  const groups = [...(isTrader ? [] : fileGroups(files, missing)), ...dayGroups(days, facts, seen, { trader: me.trader_id, isTrader })].filter(
    ({ links }) => links.length > 0,
  );
  const since = lost ? `, as of ${format.timeOfDay(at)}` : "";
  if (!groups.length) return <p class="calm-line good"><span aria-hidden="true">✓</span>{` Nothing needs attention${since}`}</p>;
  return (
    <>
      <ul ref={list}>
        {groups.map((one) => <Group key={one.key} {...one} onSeen={(figures) => setMarks({ ...marks, ...figures })} />)}
        {since && <li class="calm-line">{since.slice(2)}</li>}
      </ul>
      {(isWhole || isCut) && <button type="button" class="quiet" aria-expanded={isWhole} aria-label={isWhole ? "One line" : `Show all that needs attention, ${groups.length} kinds`} onClick={() => setWhole(!isWhole)}>{isWhole ? "One line" : `All ${groups.length}`}</button>}
    </>
  );
}

// Whether the list does not fit its line.
function useCut() {
  const [list, setList] = useState(null);
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    if (list === null) return undefined;
    const look = () => setCut(list.scrollWidth > list.clientWidth + 1);
    const sized = new ResizeObserver(look);
    for (const one of [list, ...list.children]) sized.observe(one);
    look();
    return () => sized.disconnect();
  });
  return [setList, isCut];
}

function Group({ tone, sign, head, links, onSeen }) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? links : links.slice(0, MOST_LINKS);
  const figures = Object.assign({}, ...links.map((link) => link.seen));
  return (
    <li class={`attention-group ${tone}`}>
      <strong><span aria-hidden="true">{sign}</span>{` ${head}`}</strong>
      {shown.map(({ key, text, change }) => <Link key={key} change={change} arrives>{text}</Link>)}
      {links.length > shown.length && (
        <button type="button" class="link" aria-label={`${head}: show all ${links.length}`} onClick={() => setOpen(true)}>{`${format.count(links.length - shown.length)} more`}</button>
      )}
      {Object.keys(figures).length > 0 && (
        <button type="button" class="link" title="Compare with these figures from now on" onClick={() => onSeen(figures)}>Mark as seen</button>
      )}
    </li>
  );
}
