import { Decimal } from 'decimal.js';

/**
 * Exact dollars. Sixty digits hold any sum of amounts that were rounded by `roundUsd`, so adding
 * never rounds and the order of adding never matters.
 */
export const Usd = Decimal.clone({ precision: 60, toExpNeg: -30, toExpPos: 40 });
export type Usd = Decimal;

/** Decimal places of an amount that is stored. The smallest price, per GB-second, has eleven. */
const PLACES = 18;

/** Money that can be written down: a price per hour has no finite number of digits per second. */
export function roundUsd(amount: Usd): Usd {
  return amount.toDecimalPlaces(PLACES);
}

/** The exact sum. */
export function sumUsd(amounts: Iterable<Usd | string>): Usd {
  let sum = new Usd(0);
  for (const amount of amounts) sum = sum.plus(amount);
  return sum;
}

/** Adds an amount to the sum of its name. */
export function addUsd(sums: Map<string, Usd>, name: string, amount: Usd | string): void {
  sums.set(name, sums.get(name)?.plus(amount) ?? new Usd(amount));
}
