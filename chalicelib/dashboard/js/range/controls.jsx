// The fields for the days and the metric of a range.

import { DayField } from "../controls.jsx";
import { LONGEST_RANGE, daysCounted, plusDays, yesterday } from "../days.js";
import { METRIC } from "./metrics.js";

const PRESETS = [7, 30, 90, 365];

// If a new day would make the range backwards or too long, the other end moves too.
function fitted(start, end, moved) {
  if (start <= end && daysCounted(start, end) <= LONGEST_RANGE) return { start, end };
  if (start > end) return moved === "start" ? { start, end: start } : { start: end, end };
  return moved === "start" ? { start, end: plusDays(start, LONGEST_RANGE - 1) } : { start: plusDays(end, 1 - LONGEST_RANGE), end };
}

export function RangeControls({ place, go }) {
  const { start, end, metric } = place;
  return (
    <>
      <div class="stepper" role="group" aria-label="Range of delivery days">
        <DayField label="From" value={start} onChange={(day) => go(fitted(day, end, "start"))} />
        <DayField label="To" value={end} onChange={(day) => go(fitted(start, day, "end"))} />
      </div>
      <div class="presets" role="group" aria-label="Days up to yesterday">
        {PRESETS.map((days) => {
          const range = { start: plusDays(yesterday(), 1 - days), end: yesterday() };
          return (
            <button key={days} type="button" class="quiet" aria-pressed={start === range.start && end === range.end} onClick={() => go({ ...range, follows: range.end })}>
              {`${days} d`}
            </button>
          );
        })}
      </div>
      <label class="field">
        <span>Metric</span>
        <select value={metric} onChange={(event) => go({ metric: event.currentTarget.value })}>
          {Object.entries(METRIC).map(([key, { name }]) => (
            <option key={key} value={key}>{name}</option>
          ))}
        </select>
      </label>
    </>
  );
}
