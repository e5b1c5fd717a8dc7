// Two value axes with round numbers and one zero line between them.

const FACTORS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const FEWEST_STEPS = 4;
const MOST_STEPS = 6;

function roundedUp(number) {
  if (number <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(number));
  // A quotient of floats may miss its factor by the last bit.
  return FACTORS.find((factor) => factor * power >= number * (1 - 1e-9)) * power;
}

const extentOf = (numbers) => ({ low: Math.min(0, ...numbers), high: Math.max(0, ...numbers) });

// The step of an axis with these numbers of steps below and above zero; null if it cannot show the numbers.
function stepOf({ low, high }, below, above) {
  if ((low < 0 && !below) || (high > 0 && !above)) return null;
  return roundedUp(Math.max(below && -low / below, above && high / above)) || 1;
}

// The empty share of the axes.
const waste = (extents, steps, count) => extents.reduce((sum, { low, high }, index) => sum + 1 - (high - low) / (steps[index] * count), 0);

// Returns { min, max, interval } for each list of numbers, with zero at the same height for all.
export function sharingZero(...lists) {
  const extents = lists.map((numbers) => extentOf(numbers.filter((number) => number !== null)));
  let best = null;
  for (let count = FEWEST_STEPS; count <= MOST_STEPS; count++) {
    for (let below = 0; below <= count; below++) {
      const steps = extents.map((extent) => stepOf(extent, below, count - below));
      if (steps.includes(null)) continue;
      const empty = waste(extents, steps, count);
      if (best === null || empty < best.empty - 1e-9) best = { empty, below, above: count - below, steps };
    }
  }
  const { below, above, steps } = best;
  return steps.map((step) => ({ min: below ? -step * below : 0, max: step * above, interval: step }));
}
