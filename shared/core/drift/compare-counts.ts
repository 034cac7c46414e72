import { chiSquareTail } from './chi-square.ts';

/** How far two sets of counts are apart, and whether chance explains it. */
export interface CountsComparison {
  /**
   * Population stability index: the sum of (p − q) · ln(p / q) over the bins (Siddiqi, Credit Risk
   * Scorecards, 2006). 0 for equal shares; by the custom of that book 0.1 is worth a look and 0.25 a
   * shift. It grows with noise too, so it is never read without the test beside it (Yurdakul and
   * Naranjo, Statistical properties of the population stability index, J. Risk Model Validation, 2020).
   */
  readonly psi: number;
  /** Of Pearson's chi-square test that both samples come from one distribution. */
  readonly pValue: number;
}

/** Fewer expected in a bin, and the chi-square distribution is no good approximation (Cochran 1954). */
const LEAST_EXPECTED = 5;

/**
 * Compares two samples counted in the same bins; neighbours are put together until enough is expected in
 * each. Undefined where fewer than two bins remain: such samples say nothing about a shift.
 */
export function compareCounts(
  baseline: readonly number[],
  window: readonly number[],
): CountsComparison | undefined {
  const [before, after] = [sum(baseline), sum(window)];
  const bins = poolBins(baseline, window);
  if (bins.length < 2) return undefined;
  let [psi, chiSquare] = [0, 0];
  for (const { was, is } of bins) {
    const share = (was + is) / (before + after);
    chiSquare += (was - before * share) ** 2 / (before * share);
    chiSquare += (is - after * share) ** 2 / (after * share);
    // Half a count more in each bin: an empty one would be infinitely far away.
    const p = (is + 0.5) / (after + bins.length / 2);
    const q = (was + 0.5) / (before + bins.length / 2);
    psi += (p - q) * Math.log(p / q);
  }
  return { psi, pValue: chiSquareTail(chiSquare, bins.length - 1) };
}

interface Bin {
  was: number;
  is: number;
}

function poolBins(baseline: readonly number[], window: readonly number[]): readonly Bin[] {
  const [before, after] = [sum(baseline), sum(window)];
  if (before === 0 || after === 0) return [];
  const smaller = Math.min(before, after) / (before + after);
  const bins: Bin[] = [];
  let open: Bin = { was: 0, is: 0 };
  for (const [at, was] of baseline.entries()) {
    open = { was: open.was + was, is: open.is + (window[at] ?? 0) };
    if ((open.was + open.is) * smaller < LEAST_EXPECTED) continue;
    bins.push(open);
    open = { was: 0, is: 0 };
  }
  const last = bins.at(-1);
  if (last !== undefined) {
    last.was += open.was;
    last.is += open.is;
  }
  return bins;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
