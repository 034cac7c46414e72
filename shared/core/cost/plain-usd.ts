/** Dollars as answers show them: a plain number, without the noise of binary fractions. Ledgers are exact. */
export function plainUsd(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}
