// Decimal arithmetic without floats, on amounts as text.

// Reads "-12.50" as 1250 negative hundredths: { units: -1250n, places: 2 }.
function read(text) {
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  return { units: BigInt(`${sign}${whole}${part}`), places: part.length };
}

function write(units, places) {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const sign = units < 0n ? "-" : "";
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

// The sum of amounts, with the largest number of decimals among them.
export function sum(texts) {
  const read_ = texts.map(read);
  const places = Math.max(0, ...read_.map((one) => one.places));
  return write(read_.reduce((total, one) => total + one.units * 10n ** BigInt(places - one.places), 0n), places);
}

// An amount as a whole number of its smallest part: "-12.5" with three places is -12500n.
export function scaled(text, places) {
  const { units, places: had } = read(text);
  return units * 10n ** BigInt(places - had);
}

// A whole number of small parts as an amount with no more decimals than it needs: 2500n with three places is "2.5".
export function unscaled(units, places) {
  const text = write(units, places);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

// A part of a whole, neither negative, in percent with two decimals, rounded half up; null of nothing.
export function percent(part, whole) {
  const [of, all] = [read(part), read(whole)];
  if (all.units === 0n) return null;
  const places = Math.max(of.places, all.places);
  const [a, b] = [of, all].map((one) => one.units * 10n ** BigInt(places - one.places));
  return write((20_000n * a + b) / (2n * b), 2);
}

export const isNegative = (text) => text.startsWith("-");
export const isZero = (text) => !/[1-9]/.test(text);

// The exact cash in EUR of a trade in the full form: its period is a number of quarter-hours, each 0.25 h.
export function cashInFull({ price_eur_mwh, quantity_mw, direction, delivery_start, delivery_end }) {
  const [price, power] = [read(price_eur_mwh), read(quantity_mw)];
  const quarters = BigInt((Date.parse(delivery_end) - Date.parse(delivery_start)) / 900_000);
  const cash = price.units * power.units * quarters * 25n;
  return write(direction === "sell" ? cash : -cash, price.places + power.places + 2);
}

// Whole eurocents as EUR: -244n is "-2.44".
export const eur = (cents) => write(cents, 2);

// The mean of amounts in EUR, rounded to eurocent as the API does: halves away from zero.
export function meanOf(amounts) {
  const [total, count] = [scaled(sum(amounts), 2), BigInt(amounts.length)];
  const away = (2n * (total < 0n ? -total : total) + count) / (2n * count);
  return eur(total < 0n ? -away : away);
}

const PLACES = 7; // a price has two decimals, a quantity three, a quarter of an hour two

// The running cash in the order of execution: [{ time, trade, pnl_eur }].
export function runningPnl(trades) {
  const inOrder = [...trades].sort((a, b) => Date.parse(a.execution_time) - Date.parse(b.execution_time));
  let units = 0n;
  return inOrder.map((trade) => {
    units += scaled(cashInFull(trade), PLACES);
    return { time: trade.execution_time, trade, pnl_eur: unscaled(units, PLACES) };
  });
}

// The running sum of amounts; null adds nothing.
export function runningSum(texts) {
  let total = "0";
  return texts.map((text) => {
    total = text === null ? total : sum([total, text]);
    return total;
  });
}
