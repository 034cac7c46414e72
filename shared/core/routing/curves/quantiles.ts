import * as z from 'zod';

/**
 * A time that is not known for sure: `seconds[i]` is not exceeded with chance `levels[i]`; straight
 * lines between. Below the first level the first value holds, above the last one the last.
 */
export const quantilesSchema = z
  .strictObject({
    levels: z.array(z.number().min(0).max(1)).min(1),
    seconds: z.array(z.number().nonnegative()).min(1),
  })
  .refine(({ levels, seconds }) => levels.length === seconds.length, 'one value per level')
  .refine(({ levels, seconds }) => ascends(levels) && ascends(seconds), 'values must ascend');
export type Quantiles = z.infer<typeof quantilesSchema>;

/** A time that is always the same. */
export function constantTime(seconds: number): Quantiles {
  return { levels: [0.5], seconds: [seconds] };
}

export function secondsAt({ levels, seconds }: Quantiles, level: number): number {
  let at = 0;
  while (at < levels.length && (levels[at] ?? 1) < level) at += 1;
  const right = seconds[Math.min(at, seconds.length - 1)] ?? 0;
  if (at === 0 || at === levels.length) return right;
  const left = seconds[at - 1] ?? 0;
  const from = levels[at - 1] ?? 0;
  return left + ((right - left) * (level - from)) / ((levels[at] ?? 1) - from);
}

/** The expected value. */
export function meanSeconds({ levels, seconds }: Quantiles): number {
  let sum = (levels[0] ?? 0) * (seconds[0] ?? 0);
  for (let at = 1; at < levels.length; at += 1) {
    const width = (levels[at] ?? 0) - (levels[at - 1] ?? 0);
    sum += (width * ((seconds[at] ?? 0) + (seconds[at - 1] ?? 0))) / 2;
  }
  return sum + (1 - (levels.at(-1) ?? 1)) * (seconds.at(-1) ?? 0);
}

/** Values at the levels from measured ones. `measured` need not be sorted and must not be empty. */
export function quantilesOf(measured: readonly number[], levels: readonly number[]): Quantiles {
  const sorted = measured.toSorted((left, right) => left - right);
  return { levels: [...levels], seconds: levels.map((level) => sampleAt(sorted, level)) };
}

/** Of ascending values, with straight lines between neighbours. */
export function sampleAt(sorted: readonly number[], level: number): number {
  const place = level * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * The chance that a time which grows with its level is over by `deadlineSeconds`: the highest such
 * level, to 2^-20.
 */
export function chanceBy(secondsOf: (level: number) => number, deadlineSeconds: number): number {
  if (secondsOf(1) <= deadlineSeconds) return 1;
  if (secondsOf(0) > deadlineSeconds) return 0;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 20; step += 1) {
    const middle = (low + high) / 2;
    if (secondsOf(middle) <= deadlineSeconds) low = middle;
    else high = middle;
  }
  return low;
}

function ascends(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));
}
