// Hatched grounds: what is not there, or not final, never looks like a number.

const SIZE = 8;
const known = new Map();

function tileOf(ground, line, leaning = 1) {
  const name = `${ground} ${line} ${leaning}`;
  if (!known.has(name)) known.set(name, { image: drawn(ground, line, leaning), repeat: "repeat" });
  return known.get(name);
}

function drawn(ground, line, leaning) {
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [SIZE, SIZE];
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, SIZE, SIZE);
  pen.setTransform(leaning, 0, 0, 1, leaning < 0 ? SIZE : 0, 0);
  pen.strokeStyle = line;
  pen.lineWidth = 1.2;
  for (const from of [-SIZE, 0, SIZE]) {
    pen.beginPath();
    pen.moveTo(from, SIZE);
    pen.lineTo(from + SIZE, 0);
    pen.stroke();
  }
  return tile;
}

// An hour that the clocks skip; a missing file, leaning the other way; and numbers that are not final, on their own ground.
export const skipped = (palette) => tileOf(palette.panel, palette.soft);
export const missing = (palette) => tileOf(palette.panel, palette.missing, -1);
export const notFinal = (palette, ground = palette.panel) => tileOf(ground, ground === palette.panel ? palette.edge : palette.panel);
