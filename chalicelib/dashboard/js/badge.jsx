// Whether the numbers can be trusted, and why not: never by colour alone.

import * as format from "./format.js";

const WORDS = {
  open: "Open",
  missing: "Missing file",
  provisional: "Provisional",
  complete: "Complete",
  corrected: "Corrected",
};
const SIGNS = { open: "◔", missing: "✕", provisional: "!", complete: "✓", corrected: "↻" };
const NAMED = 3;

function named(days) {
  const more = days.length - NAMED;
  return days.slice(0, NAMED).map(format.dayShort).join(", ") + (more > 0 ? ` and ${format.count(more)} more` : "");
}

function reasons({ state, missing_files, provisional_files, quarantined_rows }, isRange) {
  const why = [];
  if (state === "open") why.push(isRange ? "a day of these is not over yet" : "this day is not over yet");
  if (missing_files.length) why.push(`no daily file of ${named(missing_files)}`);
  if (provisional_files?.length) why.push(`the file of ${named(provisional_files)} is not settled`);
  if (quarantined_rows) why.push(`${format.plural(quarantined_rows, "row")} in quarantine`);
  if (state === "corrected") why.push("the exchange corrected trades");
  if (state === "complete") why.push(isRange ? "every daily file is in" : "both daily files are in");
  return why;
}

export function Badge({ completeness, isRange }) {
  const { state, newest_import } = completeness;
  const newest = newest_import ? `newest import ${format.when(newest_import)}` : "nothing imported yet";
  return (
    <p class={`badge ${state}`} data-state={state}>
      <strong>
        <span aria-hidden="true">{SIGNS[state] ?? "?"}</span> {WORDS[state] ?? state}
      </strong>
      <span class="why">{[...reasons(completeness, isRange), newest].join(" · ")}</span>
    </p>
  );
}
