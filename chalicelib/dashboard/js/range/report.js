// The report of a range. One of many days does not fit an answer with all its hours: its days are then read in parts, and what is
// of the whole range, which no sum of rounded parts is, from the CSV, which has no hours of single days.

import { daysCounted, plusDays } from "../days.js";

const DAYS_OF_AN_ANSWER = 180;
const REPORT = "v2/reports/pnl";
const COUNTS = ["trades", "hours_without_reference", "minutes"];
const LISTS = ["slots_without_reference", "venues_without_rate"];

function partsOf({ start_day, end_day, ...query }) {
  const count = Math.ceil(daysCounted(start_day, end_day) / DAYS_OF_AN_ANSWER);
  return Array.from({ length: count }, (_, index) => {
    const first = plusDays(start_day, index * DAYS_OF_AN_ANSWER);
    return { ...query, start_day: first, end_day: index === count - 1 ? end_day : plusDays(first, DAYS_OF_AN_ANSWER - 1) };
  });
}

// The rows of a CSV as objects; an empty cell is null.
function rowsOf(csv) {
  const [names, ...rows] = csv.split("\r\n").filter(Boolean).map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain || null)));
  return rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
}

function lineOf(row) {
  const counts = COUNTS.map((name) => [name, Number(row[name])]);
  const lists = LISTS.map((name) => [name, row[name]?.split(" ") ?? []]);
  return { ...row, ...Object.fromEntries([...counts, ...lists]) };
}

// Without `completeness` where the report is in parts: the scorecard of the range has it.
export async function reportOf(client, query, signal) {
  const parts = partsOf(query);
  const answers = parts.map((part) => client.get(REPORT, part, { signal }));
  if (parts.length === 1) return answers[0];
  const [csv, ...reports] = await Promise.all([client.reportAsCsv(query, { signal }), ...answers]);
  const lines = rowsOf(csv).map(lineOf);
  const { trader_id, traders } = reports[0];
  return {
    trader_id,
    start_day: query.start_day,
    end_day: query.end_day,
    days: reports.flatMap(({ days }) => days),
    traders: traders && lines.filter(({ kind }) => kind === "trader"),
    total: lines.find(({ kind }) => kind === "total"),
  };
}
