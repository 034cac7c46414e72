/** One step of a seeded schedule of spot losses. */
export interface PlannedKill {
  /** Time since the kill before, in milliseconds. */
  readonly afterMillis: number;
  /** Which of the workers that run then, counted from the oldest: a share in [0, 1). */
  readonly share: number;
}

/**
 * Endless kills at exponential intervals, as independent losses come; the same for the same seed,
 * whatever the workers do meanwhile.
 */
export function* scheduleKills(schedule: {
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  readonly meanMillis: number;
}): Generator<PlannedKill, never> {
  const fraction = seededFractions(schedule.seed);
  for (;;) {
    // 1 - fraction is never 0, so the logarithm is finite.
    const afterMillis = -Math.log(1 - fraction()) * schedule.meanMillis;
    yield { afterMillis, share: fraction() };
  }
}

/** Mulberry32: numbers in [0, 1) that repeat for the same seed. */
export function seededFractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
