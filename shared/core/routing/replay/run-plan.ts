import { SwitchyardError } from '../../switchyard-error.ts';
import { secondsAt } from '../curves/quantiles.ts';
import { bridgeOutcome } from '../plans/bridge-plans.ts';
import { bulkSeconds, bulkUsd, fleetRunSeconds, fleetTerms } from '../plans/cpu-plans.ts';
import { gpuRunSeconds, onDemandTerms } from '../plans/gpu-plans.ts';
import { type RoutePlan, totalUsd } from '../plans/route-plan.ts';
import { fleetNetStartSeconds } from '../plans/spot-net.ts';
import { runSpotJob } from '../spot/run-spot-job.ts';
import type { SpotPolicy } from '../spot/spot-policy.ts';
import type { FleetLane, GpuPool, RouterState } from '../state/router-state.ts';
import { type ReplayJob, tickJobOf } from './replay-job.ts';

/** How a job really went. */
export interface PlanEnd {
  readonly usd: number;
  /** Infinity where it never ended within the replayed time. */
  readonly endSeconds: number;
  readonly losses: number;
}

interface Replay {
  readonly job: ReplayJob;
  readonly state: RouterState;
  readonly policy: SpotPolicy;
  /** Draws what the state gives as a distribution. */
  readonly fraction: () => number;
}

/** Takes spot whenever it can be had, and waits otherwise. */
const spotAlone: SpotPolicy = ({ isAvailable }) => (isAvailable ? 'spot' : 'idle');

/** Runs a plan against what came after the job's start. */
export function runPlan(plan: RoutePlan, replay: Replay): PlanEnd {
  const { state, job, fraction } = replay;
  const overheadSeconds = bulkSeconds(state, job.tokens);
  const overheadUsd = bulkUsd(state, job.tokens);
  const end = runLanes(plan, replay, fraction);
  return {
    ...end,
    usd: end.usd + overheadUsd,
    endSeconds: end.endSeconds + (plan.kind === 'bridge' ? 0 : overheadSeconds),
  };
}

function runLanes(plan: RoutePlan, replay: Replay, fraction: () => number): PlanEnd {
  const { state, job } = replay;
  if (plan.kind === 'spot') return runSpot(plan, replay);
  const fleet = fleetOf(state);
  if (plan.kind === 'inline' || plan.kind === 'fleet') {
    return runFleet(fleet, {
      tokens: job.tokens,
      width: plan.kind === 'fleet' ? plan.width : 1,
      fraction,
    });
  }
  const pool = poolOf(state, plan.pool);
  const market = marketOf(pool);
  const { tokens } = job;
  const gpuSeconds = secondsAt(market.start, fraction());
  if (plan.kind === 'on-demand') {
    const { instances } = plan;
    const work = { pool, market, tokens, instances };
    const endSeconds = gpuSeconds + gpuRunSeconds(pool, tokens, instances);
    return { usd: totalUsd(onDemandTerms(work)), endSeconds, losses: 0 };
  }
  const fleetSeconds = secondsAt(fleet.start, fraction());
  const work = { ...plan, pool, market, fleet, tokens };
  const { endSeconds, terms } = bridgeOutcome(state, work, { fleetSeconds, gpuSeconds });
  return { usd: totalUsd(terms), endSeconds, losses: 0 };
}

function runFleet(
  lane: FleetLane,
  work: { readonly tokens: number; readonly width: number; readonly fraction: () => number },
): PlanEnd {
  const { tokens, width } = work;
  const startSeconds = secondsAt(lane.start, work.fraction());
  return {
    usd: totalUsd(fleetTerms(lane, tokens, width)),
    endSeconds: startSeconds + fleetRunSeconds(lane, tokens, width),
    losses: 0,
  };
}

function runSpot(plan: Extract<RoutePlan, { kind: 'spot' }>, replay: Replay): PlanEnd {
  const { job, state, policy, fraction } = replay;
  const ticks = tickJobOf(job, poolOf(state, plan.pool));
  if (ticks === undefined) return { usd: 0, endSeconds: Infinity, losses: 0 };
  const { net } = plan;
  if (net === undefined) return asPlanEnd(runSpotJob(ticks, spotAlone), job);
  // The caller's deadline, less what a job needs besides its rows: the net waits as long as it may.
  const ownSeconds = job.deadlineSeconds - bulkSeconds(state, job.tokens);
  const netted = { ...ticks, deadlineTicks: Math.floor(ownSeconds / job.stepSeconds) };
  if (net.lane === 'gpu-on-demand') return asPlanEnd(runSpotJob(netted, policy), job);
  const lane = fleetOf(state);
  const width = lane.maxWidth;
  const end = runSpotJob(netted, policy, {
    setupTicks: fleetNetStartSeconds(lane) / job.stepSeconds,
    ticksPerSpotTick: fleetRunSeconds(lane, job.tokens, width) / job.stepSeconds / ticks.workTicks,
  });
  if (end.leftTicks === 0 || end.endTick === undefined) return asPlanEnd(end, job);
  const tokens = (job.tokens * end.leftTicks) / ticks.workTicks;
  const rest = runFleet(lane, { tokens, width, fraction });
  const begun = asPlanEnd(end, job);
  return {
    usd: begun.usd + rest.usd,
    endSeconds: begun.endSeconds + rest.endSeconds,
    losses: begun.losses,
  };
}

function asPlanEnd(
  end: { readonly usd: number; readonly endTick: number | undefined; readonly losses: number },
  job: ReplayJob,
): PlanEnd {
  const { usd, losses, endTick = Infinity } = end;
  return { usd, losses, endSeconds: endTick * job.stepSeconds };
}

function fleetOf({ fleet }: RouterState): FleetLane {
  if (fleet !== undefined) return fleet;
  throw missing('a fleet');
}

function poolOf({ gpus }: RouterState, name: string): GpuPool {
  const pool = gpus.find((each) => each.pool === name);
  if (pool !== undefined) return pool;
  throw missing(`the pool ${name}`);
}

function marketOf(pool: GpuPool) {
  if (pool.onDemand !== undefined) return pool.onDemand;
  throw missing('an on-demand market');
}

function missing(what: string): SwitchyardError {
  const detail = `a plan needs ${what}, which this state does not have; replay it with its own state`;
  return new SwitchyardError('lane_unavailable', detail);
}
