import * as z from 'zod';
import { sampleAt } from './quantiles.ts';
import { LEAST_RUNS, learnCurve, type ObservedRun } from './update-curve.ts';

/** What use has taught about a model on one machine, besides its measured curve. Kept across restarts. */
export const learntSpeedSchema = z.strictObject({
  schema: z.literal(1),
  /** Seconds observed per second that the curve says, inside requests and in jobs. */
  inlineFactor: z.number().positive(),
  bulkFactor: z.number().positive(),
  /** Seconds of a worker's life besides the model: load, plan, merge. Undefined until one was seen. */
  workerIdleSeconds: z.number().nonnegative().optional(),
});
export type LearntSpeed = z.infer<typeof learntSpeedSchema>;

export const nothingLearnt: LearntSpeed = { schema: 1, inlineFactor: 1, bulkFactor: 1 };

/** What was seen since the last look. */
export interface Observations {
  readonly inline: readonly ObservedRun[];
  readonly bulk: readonly ObservedRun[];
  readonly workerIdleSeconds: readonly number[];
}

/** A change below this share of the value is noise, and no reason for another state. */
const LEAST_CHANGE = 0.05;
const IDLE_BOUNDS = { least: 0.02, most: 120 } as const;
/** Workers are few and run long: a median of three of them says more than a guess. */
const LEAST_WORKERS = 3;
/** Beyond, a curve is measured anew; one that nobody measured may be wrong by more. */
const MOST_FACTOR = { measured: 4, assumed: 1_000 } as const;
/** Shorter runs say more about the machine's noise than about the model. */
const LEAST_RUN_SECONDS = 0.001;

interface Line {
  readonly perCallSeconds: number;
  readonly perTokenSeconds: number;
}

/**
 * Takes observations in: medians of enough runs, within bounds; for requests, which are many, a share
 * of the way at a time. Returns the very `known` where nothing changed by more than noise.
 */
export function learnSpeed(
  known: LearntSpeed,
  curve: {
    readonly inline: Line;
    readonly bulkPerTokenSeconds: number;
    readonly isAssumed: boolean;
  },
  seen: Observations,
): LearntSpeed {
  const next = {
    inlineFactor: movedFactor(known.inlineFactor, curve.inline, seen.inline),
    bulkFactor: bulkFactor(known.bulkFactor, curve, seen.bulk),
    workerIdleSeconds: medianIdle(known.workerIdleSeconds, seen.workerIdleSeconds),
  };
  const isSame =
    !differs(known.inlineFactor, next.inlineFactor) &&
    !differs(known.bulkFactor, next.bulkFactor) &&
    !differs(known.workerIdleSeconds ?? 0, next.workerIdleSeconds ?? 0);
  if (isSame) return known;
  const { workerIdleSeconds } = next;
  return {
    schema: 1,
    inlineFactor: rounded(next.inlineFactor),
    bulkFactor: rounded(next.bulkFactor),
    ...(workerIdleSeconds === undefined ? {} : { workerIdleSeconds: rounded(workerIdleSeconds) }),
  };
}

function movedFactor(factor: number, line: Line, runs: readonly ObservedRun[]): number {
  if (runs.length < LEAST_RUNS) return factor;
  const learnt = {
    perCallSeconds: line.perCallSeconds * factor,
    perTokenSeconds: line.perTokenSeconds * factor,
    factor,
    runs: 0,
  };
  return learnCurve(learnt, runs).factor;
}

function bulkFactor(
  known: number,
  curve: { readonly bulkPerTokenSeconds: number; readonly isAssumed: boolean },
  runs: readonly ObservedRun[],
): number {
  const ratios = runs.flatMap(({ tokens, runSeconds }) =>
    tokens > 0 && runSeconds >= LEAST_RUN_SECONDS
      ? [runSeconds / (tokens * curve.bulkPerTokenSeconds)]
      : [],
  );
  if (ratios.length < LEAST_WORKERS) return known;
  const most = curve.isAssumed ? MOST_FACTOR.assumed : MOST_FACTOR.measured;
  return Math.min(most, Math.max(1 / most, middleOf(ratios)));
}

function middleOf(values: readonly number[]): number {
  return sampleAt(
    values.toSorted((left, right) => left - right),
    0.5,
  );
}

function medianIdle(known: number | undefined, seen: readonly number[]): number | undefined {
  if (seen.length < LEAST_WORKERS) return known;
  return Math.min(IDLE_BOUNDS.most, Math.max(IDLE_BOUNDS.least, middleOf(seen)));
}

function differs(known: number, next: number): boolean {
  return Math.abs(next - known) > LEAST_CHANGE * known;
}

/** Three digits: the rest is noise and would make a state of its own each time. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
