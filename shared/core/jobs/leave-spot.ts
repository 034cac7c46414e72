/** A submission on spot instances of which none works now. */
export interface SpotWait {
  /** Instances that were taken away from it. */
  readonly losses: number;
  readonly workers: number;
  /** Until the deadline; undefined where there is none. */
  readonly leftMillis: number | undefined;
  /** What on-demand instances would need, their start included. */
  readonly neededMillis: number;
}

/** So many instances lost for each worker: the market is against this job. */
const LOSSES_PER_WORKER = 3;

/**
 * Why the work should go on with on-demand instances, or undefined where it should not: the market took
 * too much, or the deadline can be met in no other way. A deadline that is past is no reason to pay more.
 */
export function whyLeaveSpot(at: SpotWait): string | undefined {
  const { losses, workers, leftMillis = 0, neededMillis } = at;
  if (losses >= LOSSES_PER_WORKER * workers) return `${losses} spot instances were lost`;
  const isTight = leftMillis > 0 && leftMillis <= neededMillis;
  return isTight ? 'the deadline leaves no time to wait' : undefined;
}
