// Finds names similar to the typed one.

const MOST = 3;

// The number of letters to insert, delete, replace or swap with their neighbour to turn one text into the other.
export function distance(a, b) {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}

const folded = (name) => name.normalize("NFKC").toLowerCase().replaceAll(/[\s._-]+/g, "");

// At most three names similar to the typed text: those that differ by up to a third of its letters, or that contain it.
export function nearest(typed, names) {
  const wanted = folded(typed);
  if (!wanted) return [];
  const most = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .filter((name) => name !== typed)
    .map((name) => ({ name, away: folded(name).includes(wanted) ? 0.5 : distance(wanted, folded(name)) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ name }) => name);
}
