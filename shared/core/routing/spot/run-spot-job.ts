import type { TickJob } from './clairvoyant-optimum.ts';
import type { SpotMode, SpotPolicy, SpotSituation } from './spot-policy.ts';

/** A net that is no instance of the same kind: what it needs, in ticks, for work that takes one on spot. */
export interface OtherNet {
  readonly setupTicks: number;
  readonly ticksPerSpotTick: number;
}

/** How a job under a policy came out. */
export interface SpotJobEnd {
  readonly usd: number;
  /**
   * Undefined where it did not end within four times its deadline. With another net: when that took
   * over, or the end where it never did.
   */
  readonly endTick: number | undefined;
  /** Work left for another net; 0 where none was needed. */
  readonly leftTicks: number;
  readonly losses: number;
  readonly spotTicks: number;
  readonly netTicks: number;
}

interface Running {
  mode: SpotMode;
  setupLeft: number;
  doneTicks: number;
  losses: number;
  spotTicks: number;
  netTicks: number;
}

/**
 * Runs a job tick by tick as the policy says. What is done stays done; a new start needs its set-up.
 * Without `otherNet` the net is an on-demand instance; with it the run stops where the net takes over.
 */
export function runSpotJob(job: TickJob, policy: SpotPolicy, otherNet?: OtherNet): SpotJobEnd {
  const run: Running = {
    mode: 'idle',
    setupLeft: 0,
    doneTicks: 0,
    losses: 0,
    spotTicks: 0,
    netTicks: 0,
  };
  const lastTick = Math.max(4 * job.deadlineTicks, job.isAvailable.length);
  let tick = 0;
  for (; run.doneTicks < job.workTicks && tick < lastTick; tick += 1) {
    const isAvailable = job.isAvailable[tick] === true;
    if (run.mode === 'spot' && !isAvailable) {
      run.losses += 1;
      run.mode = 'idle';
    }
    const mode = policy(situationOf(job, run, { tick, isAvailable, otherNet }));
    if (mode === 'net' && otherNet !== undefined) break;
    change(run, mode, job.setupTicks);
    spend(run);
  }
  return endOf(job, run, { tick, stopped: otherNet !== undefined && tick < lastTick });
}

function endOf(
  job: TickJob,
  run: Running,
  at: { readonly tick: number; readonly stopped: boolean },
): SpotJobEnd {
  const { losses, spotTicks, netTicks } = run;
  const leftTicks = job.workTicks - run.doneTicks;
  return {
    usd: spotTicks * job.spotUsdPerTick + netTicks * job.onDemandUsdPerTick,
    endTick: leftTicks > 0 && !at.stopped ? undefined : at.tick,
    leftTicks,
    losses,
    spotTicks,
    netTicks,
  };
}

function situationOf(
  job: TickJob,
  run: Running,
  now: {
    readonly tick: number;
    readonly isAvailable: boolean;
    readonly otherNet: OtherNet | undefined;
  },
): SpotSituation {
  const left = job.workTicks - run.doneTicks;
  const { otherNet } = now;
  return {
    mode: run.mode,
    setupLeftSeconds: run.mode === 'idle' ? 0 : run.setupLeft,
    isAvailable: now.isAvailable,
    leftSeconds: left,
    workSeconds: job.workTicks,
    elapsedSeconds: now.tick,
    deadlineSeconds: job.deadlineTicks,
    setupSeconds: job.setupTicks,
    netSetupSeconds: otherNet?.setupTicks ?? job.setupTicks,
    netLeftSeconds: left * (otherNet?.ticksPerSpotTick ?? 1),
    stepSeconds: 1,
  };
}

function change(run: Running, mode: SpotMode, setupTicks: number): void {
  if (mode === run.mode) return;
  run.mode = mode;
  run.setupLeft = mode === 'idle' ? 0 : setupTicks;
}

function spend(run: Running): void {
  if (run.mode === 'idle') return;
  if (run.mode === 'spot') run.spotTicks += 1;
  else run.netTicks += 1;
  if (run.setupLeft > 0) run.setupLeft -= 1;
  else run.doneTicks += 1;
}
