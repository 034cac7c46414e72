import type { TickJob } from './clairvoyant-optimum.ts';
import type { SpotMode, SpotPolicy } from './spot-policy.ts';

/** How a job under a policy came out. */
export interface SpotJobEnd {
  readonly usd: number;
  /** Undefined where it did not end within four times its deadline. */
  readonly endTick: number | undefined;
  readonly losses: number;
  readonly spotTicks: number;
  readonly onDemandTicks: number;
}

interface Running {
  mode: SpotMode;
  setupLeft: number;
  doneTicks: number;
  losses: number;
  spotTicks: number;
  onDemandTicks: number;
}

/** Runs a job tick by tick as the policy says. What is done stays done; a new start needs its set-up. */
export function runSpotJob(job: TickJob, policy: SpotPolicy): SpotJobEnd {
  const run: Running = {
    mode: 'idle',
    setupLeft: 0,
    doneTicks: 0,
    losses: 0,
    spotTicks: 0,
    onDemandTicks: 0,
  };
  let tick = 0;
  for (; run.doneTicks < job.workTicks && tick < 4 * job.deadlineTicks; tick += 1) {
    const isAvailable = job.isAvailable[tick] === true;
    if (run.mode === 'spot' && !isAvailable) {
      run.losses += 1;
      run.mode = 'idle';
    }
    change(run, policy(situationOf(job, run, { tick, isAvailable })), job.setupTicks);
    spend(run);
  }
  const { losses, spotTicks, onDemandTicks } = run;
  return {
    usd: spotTicks * job.spotUsdPerTick + onDemandTicks * job.onDemandUsdPerTick,
    endTick: run.doneTicks < job.workTicks ? undefined : tick,
    losses,
    spotTicks,
    onDemandTicks,
  };
}

function situationOf(
  job: TickJob,
  run: Running,
  now: { readonly tick: number; readonly isAvailable: boolean },
) {
  return {
    mode: run.mode,
    setupLeftSeconds: run.mode === 'idle' ? 0 : run.setupLeft,
    isAvailable: now.isAvailable,
    leftSeconds: job.workTicks - run.doneTicks,
    workSeconds: job.workTicks,
    elapsedSeconds: now.tick,
    deadlineSeconds: job.deadlineTicks,
    setupSeconds: job.setupTicks,
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
  else run.onDemandTicks += 1;
  if (run.setupLeft > 0) run.setupLeft -= 1;
  else run.doneTicks += 1;
}
