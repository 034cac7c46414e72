import { greedyWithNet } from '../routing/spot/spot-policy.ts';
import type { JobSafetyNet } from './safety-net.ts';

/** A job whose workers were submitted to spot instances, at one look at it. */
export interface SpotJob {
  /** `waits`: no instance of it runs; `starts`: one is being set up; `works`: one has a worker. */
  readonly spot: 'waits' | 'starts' | 'works';
  /** Instances that were taken away from it. */
  readonly losses: number;
  readonly workers: number;
  /** Since the job was accepted. */
  readonly elapsedSeconds: number;
  /** Share of the rows that is not committed, 0 to 1. */
  readonly leftShare: number;
  /** Undefined: nothing has to be done by any time. */
  readonly net: JobSafetyNet | undefined;
  /** Whether somebody asked for that time; else it is the quote's own. */
  readonly hasDeadline: boolean;
}

export interface SpotMove {
  /** `ends`: what waits for spot is terminated; `goes-on`: what works there works to the end. */
  readonly spot: 'ends' | 'goes-on';
  readonly reason: string;
}

/** So many instances lost for each worker: the market is against this job. */
const LOSSES_PER_WORKER = 3;

/**
 * Whether the rest of a job goes to its safety net now, or undefined where spot may go on alone. The
 * replayed policy decides, by what is committed and with the longest time to the next look kept back. A
 * market that took three instances per worker is left in any case while none works. A worker on spot is
 * never taken away: until the net's instances are there, and beside them, its rows cost least.
 *
 * A deadline that is past is no reason to pay more.
 */
export function decideMove(job: SpotJob): SpotMove | undefined {
  const { spot, losses, workers } = job;
  if (spot === 'waits' && losses >= LOSSES_PER_WORKER * workers) {
    return { spot: 'ends', reason: `${losses} spot instances were lost` };
  }
  if (!isNetDue(job)) return undefined;
  const reason = 'the deadline leaves no time to wait';
  return { spot: spot === 'waits' ? 'ends' : 'goes-on', reason };
}

function isNetDue({ spot, net, elapsedSeconds, leftShare, hasDeadline }: SpotJob): boolean {
  if (net === undefined || leftShare <= 0) return false;
  if (hasDeadline && elapsedSeconds >= net.bySeconds) return false;
  const isUp = spot !== 'waits';
  // A loss is seen at the next look only; a wait is decided with it in mind by the policy itself.
  const unseenSeconds = isUp ? net.lookSeconds : 0;
  const mode = greedyWithNet({
    mode: isUp ? 'spot' : 'idle',
    setupLeftSeconds: spot === 'starts' ? net.spotSetupSeconds : 0,
    isAvailable: isUp,
    leftSeconds: leftShare * net.spotRunSeconds,
    workSeconds: net.spotRunSeconds,
    elapsedSeconds,
    deadlineSeconds: net.bySeconds - net.overheadSeconds - unseenSeconds,
    setupSeconds: net.spotSetupSeconds,
    netSetupSeconds: net.startSeconds,
    netLeftSeconds: leftShare * net.runSeconds,
    stepSeconds: net.lookSeconds,
  });
  return mode === 'net';
}
