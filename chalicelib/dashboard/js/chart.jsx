// A chart with a title, PNG and CSV downloads, and its data as a table for readers who cannot see the chart.

import { useEffect, useRef, useState } from "preact/hooks";
import { csvOf, saveCsv, savePicture } from "./download.js";
import { count } from "./format.js";
import { Table } from "./table.jsx";

const PICTURE_SCALE = 2;

// The library is loaded when it is first needed; the page preloads it (modulepreload).
let library = null;
const charts = () => (library ??= import("./charts.js"));

// Draws `option` into an element, follows its size, and reports clicks to `onPick`.
function useCanvas(option, onPick) {
  const element = useRef(null);
  const drawn = useRef(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const newest = useRef(option);
  newest.current = option;

  useEffect(() => {
    let gone = false;
    const sized = new ResizeObserver(() => drawn.current?.resize());
    charts().then(({ init }) => {
      if (gone) return;
      drawn.current = init(element.current);
      drawn.current.on("click", (event) => pick.current?.(event));
      drawn.current.setOption(newest.current, { notMerge: true });
      sized.observe(element.current);
    });
    return () => {
      gone = true;
      sized.disconnect();
      drawn.current?.dispose();
    };
  }, []);
  useEffect(() => drawn.current?.setOption(option, { notMerge: true }), [option]);
  return [element, drawn];
}

// The table is made when it is opened, with at most this many rows; the CSV has all.
const MOST_ROWS = 1000;

function Behind({ title, columns, rows, isUnknown }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{`${title} as a table`}</summary>
      {isOpen && <Table caption={title} columns={columns} rows={rows.slice(0, MOST_ROWS)} isUnknown={isUnknown} tall />}
      {isOpen && rows.length > MOST_ROWS && (
        <p class="nothing">{`The first ${count(MOST_ROWS)} of ${count(rows.length)} rows; the CSV has all of them.`}</p>
      )}
    </details>
  );
}

// `columns` are saved; `shown` are the columns of the table, if they differ. A row that `isUnknown` has no numbers. `empty`
// is shown instead of an empty chart.
export function Chart({ title, summary, option, columns, rows, shown = columns, file, onPick, size = "", empty = null, isUnknown, children }) {
  const [element, drawn] = useCanvas(option, onPick);
  const background = () => getComputedStyle(document.documentElement).getPropertyValue("--panel").trim();
  const picture = () =>
    savePicture(file, drawn.current.getDataURL({ type: "png", pixelRatio: PICTURE_SCALE, backgroundColor: background() }));
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{title}</h2>
        <div class="tools">
          <button type="button" class="quiet" onClick={picture} aria-label={`${title}: save as PNG`}>PNG</button>
          <button type="button" class="quiet" onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label={`${title}: save as CSV`}>CSV</button>
        </div>
      </header>
      {empty && <p class="nothing">{empty}</p>}
      <div class={`canvas ${size}`} hidden={empty !== null} ref={element} role="img" aria-label={`${title}. ${summary}`} />
      {children}
      <Behind title={title} columns={shown} rows={rows} isUnknown={isUnknown} />
    </section>
  );
}
