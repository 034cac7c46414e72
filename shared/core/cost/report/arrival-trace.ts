import { seededFractions } from '../../chaos/kill-schedule.ts';
import type { Workload } from './workload.ts';

/** Requests per bin of a recorded series of arrivals. */
export interface ArrivalTrace {
  readonly name: string;
  readonly binSeconds: number;
  readonly counts: readonly number[];
}

const SECONDS_PER_MONTH = 730 * 3_600;
/** How long Lambda keeps an idle environment, by custom and not by promise, in seconds. */
const KEPT_SECONDS = 600;

/** A trace drawn out to a month, and the share of cold starts that its gaps cause. */
export function workloadOfTrace(
  trace: ArrivalTrace,
  options: {
    /** Requests of the month; the trace's own rate where undefined. */
    readonly requestsPerMonth: number | undefined;
    readonly callMillis: number;
    readonly initMillis: number;
    readonly bulk: Pick<Workload, 'bulkItemsPerMonth' | 'jobsPerMonth'>;
  },
): { readonly workload: Workload; readonly coldShare: number } {
  const total = trace.counts.reduce((sum, count) => sum + count, 0);
  const ownPerMonth = (total / (trace.counts.length * trace.binSeconds)) * SECONDS_PER_MONTH;
  const requestsPerMonth = options.requestsPerMonth ?? ownPerMonth;
  const scale = ownPerMonth === 0 ? 0 : requestsPerMonth / ownPerMonth;
  const days = (trace.counts.length * trace.binSeconds) / 86_400;
  return {
    workload: {
      origin: 'trace',
      detail: `${trace.name}, ${days.toFixed(1)} days, drawn out to a month`,
      requestsPerMonth: Math.round(requestsPerMonth),
      ...options.bulk,
    },
    coldShare: coldShareOf(trace, { ...options, scale }),
  };
}

/**
 * Cold starts when the most recently used environment answers first. Arrivals lie at random inside
 * their bin, always the same ones: bursts inside a bin are not seen.
 */
function coldShareOf(
  trace: ArrivalTrace,
  run: { readonly scale: number; readonly callMillis: number; readonly initMillis: number },
): number {
  const callSeconds = run.callMillis / 1_000;
  const initSeconds = run.initMillis / 1_000;
  /** When each environment is free again. */
  let freeAt: number[] = [];
  let cold = 0;
  const arrivals = arrivalSeconds(trace, run.scale);
  for (const now of arrivals) {
    freeAt = freeAt.filter((free) => now - free < KEPT_SECONDS);
    const ready = latestReady(freeAt, now);
    if (ready === undefined) cold += 1;
    else freeAt.splice(ready, 1);
    freeAt.push(now + callSeconds + (ready === undefined ? initSeconds : 0));
  }
  return arrivals.length === 0 ? 0 : cold / arrivals.length;
}

function latestReady(freeAt: readonly number[], now: number): number | undefined {
  let latest: number | undefined;
  for (const [index, free] of freeAt.entries()) {
    const best = latest === undefined ? Number.NEGATIVE_INFINITY : (freeAt[latest] ?? 0);
    if (free <= now && free > best) latest = index;
  }
  return latest;
}

function arrivalSeconds(trace: ArrivalTrace, scale: number): readonly number[] {
  const fraction = seededFractions(SEED);
  return trace.counts.flatMap((count, bin) => {
    const wanted = count * scale;
    const whole = Math.floor(wanted) + (fraction() < wanted % 1 ? 1 : 0);
    const inBin = Array.from({ length: whole }, () => (bin + fraction()) * trace.binSeconds);
    return inBin.sort((left, right) => left - right);
  });
}

const SEED = 1;
