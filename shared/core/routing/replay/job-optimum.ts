import { secondsAt } from '../curves/quantiles.ts';
import { bulkSeconds, bulkUsd, fleetRunSeconds, fleetTerms } from '../plans/cpu-plans.ts';
import { onDemandSecondsAt, onDemandTerms } from '../plans/gpu-plans.ts';
import { totalUsd } from '../plans/route-plan.ts';
import { clairvoyantUsd } from '../spot/clairvoyant-optimum.ts';
import type { GpuPool, RouterState } from '../state/router-state.ts';
import { type ReplayJob, tickJobOf } from './replay-job.ts';

/**
 * The least dollars for a job with everything known beforehand, in one lane: the best width of a fleet
 * that starts as slowly as it ever does; instances on demand from start to end; or one instance per pool
 * on spot and on demand as the clairvoyant optimum has it. That one counts whole steps of the zone's
 * history, so on demand stands by itself: to the second it is the cheaper one. Infinity where none of
 * them meets the deadline: the job cannot be done.
 */
export function jobOptimumUsd(job: ReplayJob, state: RouterState): number {
  const instances = state.gpus.flatMap((pool) => [
    clairvoyantPoolUsd(job, state, pool),
    onDemandUsd(job, state, pool),
  ]);
  return Math.min(fleetUsd(job, state), ...instances) + bulkUsd(state, job.tokens);
}

function clairvoyantPoolUsd(job: ReplayJob, state: RouterState, pool: GpuPool): number {
  const ticks = tickJobOf(job, pool);
  if (ticks === undefined) return Infinity;
  const ownSeconds = job.deadlineSeconds - bulkSeconds(state, job.tokens);
  const deadlineTicks = Math.floor(ownSeconds / job.stepSeconds);
  return clairvoyantUsd({ ...ticks, deadlineTicks });
}

function onDemandUsd(job: ReplayJob, state: RouterState, pool: GpuPool): number {
  const market = pool.onDemand;
  if (market === undefined) return Infinity;
  const work = { pool, market, tokens: job.tokens, instances: 1 };
  const endSeconds = onDemandSecondsAt(state, work, 1);
  return endSeconds <= job.deadlineSeconds ? totalUsd(onDemandTerms(work)) : Infinity;
}

function fleetUsd(job: ReplayJob, state: RouterState): number {
  const { fleet } = state;
  if (fleet === undefined) return Infinity;
  // The slowest start that is known: a plan cannot be asked to be on time by luck.
  const startSeconds = secondsAt(fleet.start, 1) + bulkSeconds(state, job.tokens);
  const leftSeconds = job.deadlineSeconds - startSeconds;
  let low = 1;
  let high = fleet.maxWidth;
  if (fleetRunSeconds(fleet, job.tokens, high) > leftSeconds) return Infinity;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fleetRunSeconds(fleet, job.tokens, middle) <= leftSeconds) high = middle;
    else low = middle + 1;
  }
  return totalUsd(fleetTerms(fleet, job.tokens, low));
}
