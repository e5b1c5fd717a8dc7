// The key of a chart: { look, colour, words }, drawn the same on the page and in a saved picture.
//
// `look` is a box, a line, dashes, a pair of boxes, a hatch (a tile of hatch.js), letters, or nothing before a sentence.
// `colour` is read from the palette; of a pair there are two.

export const SWATCH = { width: 20, height: 12 };

function stroke(pen, colour, dashes, x, y) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash(dashes);
  pen.beginPath();
  pen.moveTo(x, y + SWATCH.height / 2);
  pen.lineTo(x + SWATCH.width, y + SWATCH.height / 2);
  pen.stroke();
  pen.setLineDash([]);
}

function fill(pen, colours, palette, x, y) {
  const width = SWATCH.width / colours.length;
  colours.forEach((colour, index) => {
    pen.fillStyle = colour;
    pen.fillRect(x + index * width, y, width, SWATCH.height);
  });
  pen.strokeStyle = palette.edge;
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, y + 0.5, SWATCH.width - 1, SWATCH.height - 1);
}

const LOOKS = {
  box: (pen, colour, palette, x, y) => fill(pen, [colour], palette, x, y),
  pair: (pen, colours, palette, x, y) => fill(pen, colours, palette, x, y),
  hatch: (pen, tile, palette, x, y) => fill(pen, [pen.createPattern(tile.image, tile.repeat)], palette, x, y),
  line: (pen, colour, palette, x, y) => stroke(pen, colour, [], x, y),
  dashes: (pen, colour, palette, x, y) => stroke(pen, colour, [4, 3], x, y),
  letters(pen, letters, palette, x, y) {
    fill(pen, [palette.panel], palette, x, y);
    pen.fillStyle = palette.ink;
    pen.font = `bold 10px ${palette.family}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(letters, x + SWATCH.width / 2, y + SWATCH.height / 2 + 0.5);
    pen.textAlign = "left";
  },
};

export function paint(pen, { look, colour }, palette, x, y) {
  LOOKS[look](pen, colour(palette), palette, x, y);
}
