import { setTimeout } from 'node:timers/promises';

/** Two clients that failed together must not come back together: any moment up to the bound. */
export function fullJitterMillis(
  round: number,
  { baseMillis, longestMillis }: { readonly baseMillis: number; readonly longestMillis: number },
): number {
  return Math.random() * Math.min(longestMillis, baseMillis * 2 ** (round - 1));
}

/** Waits a random time below 50 ms · 2^(round − 1), at most 5 s. Rounds count from 1. */
export async function waitFullJitter(round: number): Promise<void> {
  await setTimeout(fullJitterMillis(round, { baseMillis: 50, longestMillis: 5_000 }));
}
