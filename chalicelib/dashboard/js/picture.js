// A chart as a picture that explains itself: title, days, trader, state and unit above it, the key and the time below.

import { paint, SWATCH } from "./marks.js";

const SCALE = 2;
const MARGIN = 16;
const GAP = 14;

// Breaks a text into lines of this width; a word that is wider, such as the name of a bot, is broken as well.
function linesOf(pen, text, width) {
  const lines = [""];
  const fits = (more) => pen.measureText(lines.at(-1) + more).width <= width;
  for (const part of text.split(/(?<= )/)) {
    if (!fits(part.trimEnd()) && lines.at(-1)) lines.push("");
    for (const letter of fits(part.trimEnd()) ? [part] : part) {
      if (!fits(letter)) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines;
}

// The places of the marks in rows: [{ mark, x, row }].
function placed(pen, marks, width) {
  let [x, row] = [0, 0];
  return marks.map((mark) => {
    const needed = (mark.look ? SWATCH.width + 6 : 0) + pen.measureText(mark.words).width;
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const place = { mark, x, row };
    x += needed + GAP;
    return place;
  });
}

// `about` are the lines under the title, `end` those at the foot.
export function pictureOf(chart, { title, about, marks, end, palette }) {
  const drawn = chart.renderToCanvas({ pixelRatio: SCALE, backgroundColor: palette.panel });
  const line = palette.letters * 1.5;
  const [large, small] = [`bold ${palette.letters * 1.35}px ${palette.family}`, `${palette.letters}px ${palette.family}`];
  const width = drawn.width / SCALE;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const broken = (texts, font) => {
    pen.font = font;
    return texts.flatMap((text) => linesOf(pen, text, width));
  };
  const [heads, facts, feet] = [broken([title], large), broken(about, small), broken(end, small)];
  const keys = placed(pen, marks, width);
  const rows = keys.length ? keys.at(-1).row + 1 : 0;
  const top = MARGIN + heads.length * line * 1.35 + facts.length * line + line / 2;
  const below = top + drawn.height / SCALE + line / 2;
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = Math.ceil((below + (rows + feet.length) * line + MARGIN) * SCALE);
  pen.scale(SCALE, SCALE);
  pen.fillStyle = palette.panel;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(drawn, MARGIN, top, width, drawn.height / SCALE);
  const write = (texts, font, colour, y, height, x = 0) => {
    [pen.font, pen.fillStyle, pen.textBaseline] = [font, colour, "top"];
    texts.forEach((text, index) => pen.fillText(text, MARGIN + x, y + index * height));
    return y + texts.length * height;
  };
  write(facts, small, palette.ink, write(heads, large, palette.ink, MARGIN, line * 1.35), line);
  for (const { mark, x, row } of keys) {
    const y = below + row * line;
    if (mark.look) paint(pen, mark, palette, MARGIN + x, y);
    write([mark.words], small, palette.soft, y, line, x + (mark.look ? SWATCH.width + 6 : 0));
  }
  write(feet, small, palette.soft, below + rows * line, line);
  return canvas.toDataURL("image/png");
}
