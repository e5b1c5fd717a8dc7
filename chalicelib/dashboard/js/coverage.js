// How much of the energy of one side has a reference price, and what it gained against it.

import { isZero, percent, sum } from "./exact.js";

export function coverage(lines, side) {
  const traded = lines.filter((line) => !isZero(line[`${side}_mwh`]));
  const priced = traded.filter((line) => line[`edge_${side}_eur`] !== null);
  const energy = (some) => sum(some.map((line) => line[`${side}_mwh`]));
  return { share: percent(energy(priced), energy(traded)), edge_eur: priced.length ? sum(priced.map((line) => line[`edge_${side}_eur`])) : null };
}
