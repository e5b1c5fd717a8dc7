// A chart with a title, a key, PNG and CSV downloads, and its data as a table for readers who cannot see the chart.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { csvOf, saveCsv, savePicture } from "./download.js";
import * as format from "./format.js";
import { paint, SWATCH } from "./marks.js";
import { usePalette } from "./palette.js";
import { pictureOf } from "./picture.js";
import { Table } from "./table.jsx";

// The library is loaded when it is first needed; the page preloads it (modulepreload).
let library = null;
const charts = () => (library ??= import("./charts.js"));

// Draws what `draw(palette, width, height)` returns into an element, follows its size, and reports the place of a click on a grid, in
// the units of its axes.
function useCanvas(draw, palette, onPick) {
  const element = useRef(null);
  const drawn = useRef(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const [{ width, height }, setSize] = useState({ width: 0, height: 0 });
  const [init, setInit] = useState(null);

  useEffect(() => {
    let gone = false;
    const sized = new ResizeObserver(([entry]) => {
      drawn.current?.resize();
      setSize({ width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) });
    });
    sized.observe(element.current);
    charts().then((loaded) => gone || setInit(() => loaded.init));
    return () => {
      gone = true;
      sized.disconnect();
      drawn.current?.clear(); // ends what it still paints, in frames that dispose() would not wait for
      drawn.current?.dispose();
    };
  }, []);
  useEffect(() => {
    if (!draw || !width || !init) return;
    if (!drawn.current) {
      const chart = (drawn.current = init(element.current));
      chart.getZr().on("click", ({ offsetX, offsetY }) => {
        const grid = { gridIndex: 0 };
        if (chart.containPixel("grid", [offsetX, offsetY])) pick.current?.(chart.convertFromPixel(grid, [offsetX, offsetY]));
      });
    }
    drawn.current.setOption(draw(palette, width, height), { notMerge: true });
  }, [draw, palette, width, height, init]);
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
        <p class="nothing">{`The first ${format.count(MOST_ROWS)} of ${format.count(rows.length)} rows; the CSV has all of them.`}</p>
      )}
    </details>
  );
}

function Swatch({ mark, palette }) {
  const canvas = useRef(null);
  const colours = [mark.colour(palette)].flat();
  useEffect(() => {
    const ratio = devicePixelRatio || 1;
    [canvas.current.width, canvas.current.height] = [SWATCH.width * ratio, SWATCH.height * ratio];
    const pen = canvas.current.getContext("2d");
    pen.scale(ratio, ratio);
    paint(pen, mark, palette, 0, 0);
  }, [mark.look, palette, ...colours]);
  return <canvas class="swatch" aria-hidden="true" ref={canvas} />;
}

// A mark with `onToggle` is a button that switches its part of the chart.
function Key({ marks, palette }) {
  return (
    <ul class="key">
      {marks.map((mark) => {
        const sign = <>{mark.look && <Swatch mark={mark} palette={palette} />}{mark.words}</>;
        return (
          <li key={mark.name ?? mark.words}>
            {mark.onToggle ? <button type="button" class="quiet" aria-pressed={!mark.isOff} onClick={mark.onToggle}>{sign}</button> : sign}
          </li>
        );
      })}
    </ul>
  );
}

// `draw(palette, width, height)` returns the options; a new function draws again. `columns` are saved; `shown` are the columns of the
// table, if they differ. A row that `isUnknown` has no numbers. `about` is what a picture says of itself besides its title:
// { days, whose, state, unit }; `note` limits what is drawn, there and here. `empty` and `waiting` are shown instead of the chart, in its place and size.
export function Chart({ title, summary, draw, columns, rows, shown = columns, file, about, marks = [], note = null, onPick, size = "", empty = null, waiting = null, isUnknown, children }) {
  const palette = usePalette();
  const instead = waiting ?? empty;
  const drawing = useMemo(() => (instead === null ? draw : null), [draw, instead === null]);
  const [element, drawn] = useCanvas(drawing, palette, onPick);
  const isOn = (mark) => !mark.isOff;
  const picture = () => {
    const { days, whose, state, unit } = about;
    const end = [...(note ? [note] : []), `Voltbook, written ${format.written(Date.now())} Berlin time`];
    const lines = [`${days} · ${whose}`, state, `Unit: ${unit}`];
    if (drawn.current) savePicture(file, pictureOf(drawn.current, { title, about: lines, marks: marks.filter(isOn), end, palette }));
  };
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{title}</h2>
        <div class="tools">
          <button type="button" class="quiet" disabled={instead !== null} onClick={picture} aria-label={`${title}: save as PNG`}>PNG</button>
          <button type="button" class="quiet" disabled={waiting !== null} onClick={() => saveCsv(file, csvOf(columns, rows))} aria-label={`${title}: save as CSV`}>CSV</button>
        </div>
      </header>
      <div class={`plot ${size}`}>
        {instead !== null && <p class="instead">{instead}</p>}
        <div class="canvas" hidden={instead !== null} ref={element} role="img" aria-label={`${title}. ${summary}`} />
      </div>
      <Key marks={marks} palette={palette} />
      {note && <p class="hint">{note}</p>}
      {children}
      <Behind title={title} columns={shown} rows={rows} isUnknown={isUnknown} />
    </section>
  );
}
