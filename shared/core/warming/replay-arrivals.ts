import { IDLE_LIFE_MILLIS } from './avoided-cold-starts.ts';

/** A day or more of arrivals and how long one takes. Times from any zero, ascending. */
export interface ArrivalHistory {
  readonly arrivalMillis: readonly number[];
  readonly serviceMillis: number;
  /** Part of a cold start that the first request waits for. */
  readonly initMillis: number;
}

export interface ReplayOutcome {
  readonly requests: number;
  readonly coldStarts: number;
  /** Most environments that were busy at once. */
  readonly peakEnvironments: number;
}

/**
 * Replays arrivals on environments that die after being idle for ten minutes, the most recently used
 * one first, as Lambda is known to do; `kept` of them never die, because pings come more often.
 */
export function replayArrivals(history: ArrivalHistory, kept: number): ReplayOutcome {
  const { arrivalMillis, serviceMillis, initMillis } = history;
  /** When each environment becomes free; the kept ones are there from the start. */
  let freeAtMillis: readonly number[] = Array.from(
    { length: kept },
    () => Number.NEGATIVE_INFINITY,
  );
  let coldStarts = 0;
  let peakEnvironments = 0;
  for (const arrival of arrivalMillis) {
    const alive = stillAlive(freeAtMillis, arrival, kept);
    const chosen = mostRecentlyFree(alive, arrival);
    const isCold = chosen === undefined;
    if (isCold) coldStarts += 1;
    const free = arrival + serviceMillis + (isCold ? initMillis : 0);
    freeAtMillis = isCold ? [...alive, free] : alive.with(chosen, free);
    const busy = freeAtMillis.filter((each) => each > arrival).length;
    peakEnvironments = Math.max(peakEnvironments, busy);
  }
  return { requests: arrivalMillis.length, coldStarts, peakEnvironments };
}

/** The `kept` environments used last live on; of the others those that were used of late. */
function stillAlive(freeAtMillis: readonly number[], now: number, kept: number): readonly number[] {
  const newestFirst = [...freeAtMillis].sort((a, b) => b - a);
  return newestFirst.filter((free, at) => at < kept || now - free <= IDLE_LIFE_MILLIS);
}

function mostRecentlyFree(alive: readonly number[], now: number): number | undefined {
  const at = alive.findIndex((free) => free <= now);
  return at === -1 ? undefined : at;
}
