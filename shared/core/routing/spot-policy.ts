/** What a job with a deadline runs on: nothing, a spot instance, or one that is not taken away. */
export type SpotMode = 'idle' | 'spot' | 'on-demand';

/** A job at one moment. All times in seconds from the job's start. */
export interface SpotSituation {
  readonly mode: SpotMode;
  /** Until the running instance does its first row; 0 where it works already, or none runs. */
  readonly setupLeftSeconds: number;
  /** Whether a spot instance can be had, or kept, now. */
  readonly isAvailable: boolean;
  /** Undisturbed work that is left, and all of it. */
  readonly leftSeconds: number;
  readonly workSeconds: number;
  readonly elapsedSeconds: number;
  readonly deadlineSeconds: number;
  /** Set-up of any new instance. For the one that is not taken away: its slow quantile. */
  readonly setupSeconds: number;
  /** Until the next decision; what is lost meanwhile cannot be won back. */
  readonly stepSeconds: number;
}

/** Says what to run until the next decision. */
export type SpotPolicy = (now: SpotSituation) => SpotMode;

// Sums of floating-point seconds that mean the same moment.
const EQUAL_SECONDS = 1e-6;

/** What may still be lost if the rest must fit before the deadline, without any set-up. */
function slackSeconds(now: SpotSituation): number {
  return now.deadlineSeconds - now.elapsedSeconds - now.leftSeconds + EQUAL_SECONDS;
}

/**
 * Spot or nothing, until only the sure instance can still make it; then that one to the end. A spot
 * instance that works costs no slack, so it is kept as long as its loss could be made good; a new one
 * is started only where it could be lost in its last second of set-up; waiting is for those cases in
 * which one could still be started after it.
 */
export const greedyWithNet: SpotPolicy = (now) => {
  if (now.mode === 'on-demand') return 'on-demand';
  const { setupSeconds, stepSeconds } = now;
  const slack = slackSeconds(now);
  if (!now.isAvailable) return slack - stepSeconds >= 2 * setupSeconds ? 'idle' : 'on-demand';
  if (now.mode !== 'spot') return slack >= 2 * setupSeconds ? 'spot' : 'on-demand';
  return slack - now.setupLeftSeconds >= setupSeconds ? 'spot' : 'on-demand';
};

/**
 * Uniform Progress (Wu et al., Can't Be Late, NSDI 2024): spot whenever it can be had; without it, the
 * sure instance while the work is behind an even pace, until it is two set-ups ahead. With the safety
 * net of the greedy policy.
 */
export const uniformProgress: SpotPolicy = (now) => {
  const careful = greedyWithNet({ ...now, mode: now.mode === 'on-demand' ? 'idle' : now.mode });
  if (now.isAvailable && careful === 'spot') return 'spot';
  if (careful === 'on-demand') return 'on-demand';
  const { elapsedSeconds, deadlineSeconds, workSeconds, setupSeconds } = now;
  const doneSeconds = workSeconds - now.leftSeconds;
  const ahead = now.mode === 'on-demand' ? 2 * setupSeconds : 0;
  const due = workSeconds * Math.min(1, (elapsedSeconds + ahead) / deadlineSeconds);
  return doneSeconds < due ? 'on-demand' : 'idle';
};
