import { constantTime, meanSeconds } from '../curves/quantiles.ts';
import { gpuRunSeconds } from '../plans/gpu-plans.ts';
import type { RouteRequest } from '../plans/route-plan.ts';
import type { Availability } from '../spot/availability.ts';
import { lossesPerHour } from '../spot/availability.ts';
import type { TickJob } from '../spot/clairvoyant-optimum.ts';
import { measureOutlook } from '../spot/measure-outlook.ts';
import type { GpuPool, RouterState } from '../state/router-state.ts';

/** A job at a moment of one zone's history. */
export interface ReplayJob {
  readonly items: number;
  readonly tokens: number;
  readonly deadlineSeconds: number;
  readonly zone: string;
  readonly stepSeconds: number;
  /** What was seen of the zone before the job, and what was to come. */
  readonly past: readonly boolean[];
  readonly future: readonly boolean[];
}

export interface JobMix {
  readonly itemCounts: readonly number[];
  readonly tokensPerItem: number;
  readonly deadlineSeconds: readonly number[];
  /** Jobs of each size and deadline. */
  readonly perKind: number;
}

/** The mix that the comparisons use: 0.1, 1 and 10 M items of 128 tokens by 5 minutes, 1 and 24 hours. */
export const standardMix: Omit<JobMix, 'perKind'> = {
  itemCounts: [100_000, 1_000_000, 10_000_000],
  tokensPerItem: 128,
  deadlineSeconds: [300, 3_600, 86_400],
};

/**
 * How much of a zone's past a decision looks at, and of its future a job may need. A market drifts: by
 * two weeks of the recorded zones chances came true seven points too often, by one week three at most.
 */
const PAST_SECONDS = 7 * 86_400;
const FUTURE_SECONDS = 8 * 86_400;

/** Jobs at random moments of random zones, the same for the same fractions. */
export function drawJobs(
  mix: JobMix,
  zones: ReadonlyMap<string, Availability>,
  fraction: () => number,
): readonly ReplayJob[] {
  const names = [...zones.keys()];
  const jobs: ReplayJob[] = [];
  for (let round = 0; round < mix.perKind; round += 1) {
    for (const items of mix.itemCounts) {
      for (const deadlineSeconds of mix.deadlineSeconds) {
        const zone = names[Math.floor(fraction() * names.length)] ?? '';
        const market = zones.get(zone);
        if (market === undefined) continue;
        const tokens = items * mix.tokensPerItem;
        jobs.push({ items, tokens, deadlineSeconds, zone, ...momentOf(market, fraction()) });
      }
    }
  }
  return jobs;
}

function momentOf({ stepSeconds, isAvailable }: Availability, share: number) {
  const pastSteps = Math.floor(PAST_SECONDS / stepSeconds);
  const futureSteps = Math.floor(FUTURE_SECONDS / stepSeconds);
  const least = Math.min(pastSteps, Math.floor(isAvailable.length / 3));
  const most = Math.max(least, isAvailable.length - futureSteps);
  const start = Math.floor(least + share * (most - least));
  return {
    stepSeconds,
    past: isAvailable.slice(Math.max(0, start - pastSteps), start),
    future: isAvailable.slice(start, start + futureSteps),
  };
}

export function requestOfJob(job: ReplayJob): RouteRequest {
  const { items, tokens, deadlineSeconds } = job;
  return {
    items,
    tokens,
    deadlineSeconds,
    lane: undefined,
    maxUsd: undefined,
    acceptsJob: true,
    allowsMixed: true,
  };
}

/** What a decision would have known: the zone up to the job's start, and whether it has capacity now. */
export function stateAtJob(job: ReplayJob, base: RouterState): RouterState {
  const past: Availability = { stepSeconds: job.stepSeconds, isAvailable: job.past };
  const gpus = base.gpus.map((pool): GpuPool => {
    if (pool.spot === undefined) return pool;
    const outlook = measureOutlook(past, {
      setupSeconds: setupSecondsOf(pool),
      reworkSeconds: 0,
      isAvailableNow: job.future[0] === true,
      starts: 150,
    });
    return { ...pool, spot: { ...pool.spot, outlook, lossesPerHour: lossesPerHour(past) } };
  });
  return { ...base, gpus };
}

/**
 * A state as replays and the optimum have it: every instance starts after the mean time, nothing but
 * set-ups is lost, and plans are on time with the highest chance that can be asked for.
 */
export function fixedStarts(state: RouterState): RouterState {
  const gpus = state.gpus.map((pool): GpuPool => {
    const seconds = setupSecondsOf(pool);
    const fixed = { billedSetupSeconds: seconds, billedDrainSeconds: 0, maxInstances: 1 };
    const { spot, onDemand } = pool;
    return {
      ...pool,
      ...(spot && { spot: { ...spot, ...fixed, reworkSeconds: 0 } }),
      ...(onDemand && { onDemand: { ...onDemand, ...fixed, start: constantTime(seconds) } }),
    };
  });
  return { ...state, target: 0.99, gpus };
}

/** Set-up of an instance in a replay: always its mean. */
function setupSecondsOf(pool: GpuPool): number {
  const market = pool.onDemand;
  return market === undefined ? (pool.spot?.billedSetupSeconds ?? 0) : meanSeconds(market.start);
}

/** The job on one instance of a pool, in ticks of the zone's steps; undefined without both markets. */
export function tickJobOf(job: ReplayJob, pool: GpuPool): TickJob | undefined {
  const { spot, onDemand } = pool;
  if (spot === undefined || onDemand === undefined) return undefined;
  const { stepSeconds } = job;
  const usdPerTick = (usdPerHour: number) =>
    ((usdPerHour + pool.extrasUsdPerHour) * stepSeconds) / 3600;
  return {
    isAvailable: job.future,
    workTicks: Math.ceil(gpuRunSeconds(pool, job.tokens, 1) / stepSeconds),
    deadlineTicks: Math.floor(job.deadlineSeconds / stepSeconds),
    setupTicks: Math.ceil(setupSecondsOf(pool) / stepSeconds),
    spotUsdPerTick: usdPerTick(spot.usdPerHour),
    onDemandUsdPerTick: usdPerTick(onDemand.usdPerHour),
  };
}
