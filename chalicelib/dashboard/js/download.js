// Saves what is on the screen: amounts as exact as the API returned them, and charts as pictures.

// Spreadsheet programs run cells that begin like this, with any separator; numbers are not changed. The characters are
// those of `RUN_BY_SPREADSHEETS` in csv_writer.py.
const RISKY =
  /(^ *|[,;|\t\r\n][ "]*)(?=[=+\-@\u207a\u207c\u208a\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20])/g;

function cell(text, isText) {
  const value = text === null || text === undefined ? "" : String(text);
  const safe = isText ? value.replace(RISKY, "$1'") : value;
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
