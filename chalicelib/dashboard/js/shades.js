// Shades by quartile of the absolute values: one large hour does not pale all others, and a gain is as dark as a loss of its size.

const SHARES = [0.25, 0.5, 0.75];
export const SHADES = SHARES.length + 1;

// To two digits, the nearest float to the decimal number.
function rounded(size) {
  const places = 1 - Math.floor(Math.log10(size));
  return places > 0 ? Math.round(size * 10 ** places) / 10 ** places : Math.round(size / 10 ** -places) * 10 ** -places;
}

// The limits between the shades: quartiles, rounded to two digits so that a legend can state them exactly.
export function limitsOf(numbers) {
  const sizes = numbers.map(Math.abs).filter((size) => size > 0).sort((one, other) => one - other);
  const quartiles = sizes.length ? SHARES.map((share) => rounded(sizes[Math.ceil(share * sizes.length) - 1])) : [];
  return [...new Set(quartiles)].filter((limit) => limit < sizes.at(-1));
}

// The shade of the amounts above so many limits, from 0; with fewer limits the shades are further apart.
export const shadeAbove = (count, limits) => Math.ceil(((count + 1) * SHADES) / (limits.length + 1)) - 1;

export const shadeOf = (size, limits) => shadeAbove(limits.filter((limit) => size > limit).length, limits);
