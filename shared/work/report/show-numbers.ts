/** Dollars as people write them: cents where they matter, more digits below a cent. */
export function showUsd(amount: number): string {
  const size = Math.abs(amount);
  const sign = amount < 0 ? '−' : '';
  if (size === 0) return '$0';
  if (size < 0.01) return `${sign}$${withDigits(size, 2)}`;
  if (size < 1_000) return `${sign}$${size.toFixed(2)}`;
  return `${sign}$${Math.round(size).toLocaleString('en-US')}`;
}

/** A sum of which some part is not known. */
export function showSum(sum: { readonly usd: number; readonly isLowerBound: boolean }): string {
  return `${sum.isLowerBound ? '≥ ' : ''}${showUsd(sum.usd)}`;
}

/** A price of one unit: every digit of the list. */
export function showPrice(amount: number): string {
  return `$${amount.toFixed(12).replace(/\.?0+$/, '')}`;
}

/** A count in one or two digits and a word: 8,705, 19 M, 1.2 B. */
export function showCount(count: number): string {
  const steps = [
    [1e12, ' T'],
    [1e9, ' B'],
    [1e6, ' M'],
  ] as const;
  const step = steps.find(([size]) => count >= size);
  if (step === undefined) return Math.round(count).toLocaleString('en-US');
  const scaled = count / step[0];
  return `${scaled < 9.95 ? trimmed(scaled.toFixed(1)) : Math.round(scaled)}${step[1]}`;
}

/** A quantity of a bill line. */
export function showQuantity(quantity: number): string {
  if (quantity === 0) return '0';
  if (quantity >= 100) return Math.round(quantity).toLocaleString('en-US');
  return trimmed(quantity >= 1 ? quantity.toFixed(2) : withDigits(quantity, 3));
}

/** A time in the unit that suits it. */
export function showSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 90) return `${trimmed(seconds.toFixed(seconds < 10 ? 2 : 0))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${trimmed((seconds / 3_600).toFixed(1))} h`;
}

export function showShare(share: number): string {
  return `${trimmed((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;
}

function withDigits(value: number, digits: number): string {
  const places = Math.min(12, Math.max(0, digits - 1 - Math.floor(Math.log10(value))));
  return value.toFixed(places);
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
