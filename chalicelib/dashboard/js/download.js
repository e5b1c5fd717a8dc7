// Files made from what is on the screen: exact amounts as the API gave them, and charts as pictures.

// Spreadsheet programs run cells that begin so; numbers are left alone.
const RISKY = /^[=+\-@\t\r]/;

function cell(text, isText) {
  const value = text === null || text === undefined ? "" : String(text);
  const safe = isText && RISKY.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// columns: [{ name, of(row), text }]
export function csvOf(columns, rows) {
  const lines = [columns.map(({ name }) => cell(name, true)), ...rows.map((row) => columns.map(({ of, text }) => cell(of(row), text)))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function save(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "_");
  link.click();
}

export function saveCsv(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  save(`${name}.csv`, address);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export const savePicture = (name, address) => save(`${name}.png`, address);
