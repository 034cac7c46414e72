/** One finished run as the ledger knows it. */
export interface ObservedRun {
  readonly calls: number;
  readonly tokens: number;
  readonly runSeconds: number;
}

/** A line, and how far the ledger has moved it from what was measured. */
export interface LearntCurve {
  readonly perCallSeconds: number;
  readonly perTokenSeconds: number;
  /** Seconds observed per second predicted; 1 until enough runs were seen. */
  readonly factor: number;
  readonly runs: number;
}

/** Fewer runs than this change nothing: a median of few is a draw. */
export const LEAST_RUNS = 8;
/** The ledger never moves a curve further than this from its measurement; beyond, it is measured anew. */
const MOST_FACTOR = 4;
/** Share of the way that one update goes towards the runs it saw. */
const STEP_SHARE = 0.3;
/** Runs with less predicted time say more about the machine's noise than about the model. */
const LEAST_PREDICTED_SECONDS = 0.001;

/**
 * Moves a curve towards what the ledger saw: by the median of observed over predicted seconds, so that
 * less than half of the runs being wild moves nothing; a share of the way per update; within bounds.
 */
export function learnCurve(curve: LearntCurve, observed: readonly ObservedRun[]): LearntCurve {
  const ratios = observed.flatMap((run) => {
    const predicted =
      (run.calls * curve.perCallSeconds + run.tokens * curve.perTokenSeconds) / curve.factor;
    const ratio = run.runSeconds / predicted;
    return predicted >= LEAST_PREDICTED_SECONDS && ratio > 0 && Number.isFinite(ratio)
      ? [ratio]
      : [];
  });
  if (ratios.length < LEAST_RUNS) return curve;
  const sorted = ratios.toSorted((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 1;
  const bounded = Math.min(MOST_FACTOR, Math.max(1 / MOST_FACTOR, middle));
  const factor = curve.factor * (bounded / curve.factor) ** STEP_SHARE;
  return {
    perCallSeconds: (curve.perCallSeconds * factor) / curve.factor,
    perTokenSeconds: (curve.perTokenSeconds * factor) / curve.factor,
    factor,
    runs: curve.runs + ratios.length,
  };
}
