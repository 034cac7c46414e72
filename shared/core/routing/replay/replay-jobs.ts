import { chanceBy, sampleAt } from '../curves/quantiles.ts';
import { planSecondsAt } from '../plans/plan-estimate.ts';
import type { RoutePlan } from '../plans/route-plan.ts';
import type { RouterState } from '../state/router-state.ts';
import { jobOptimumUsd } from './job-optimum.ts';
import { type ReplayJob, requestOfJob, stateAtJob } from './replay-job.ts';
import type { ReplayPolicy } from './replay-policies.ts';
import { runPlan } from './run-plan.ts';

/** A job with what was known at its start and what it could have cost. */
export interface PreparedJob {
  readonly job: ReplayJob;
  readonly state: RouterState;
  /** Infinity: no way of running it meets the deadline. */
  readonly optimumUsd: number;
}

/** The costly part of a replay, the same for every policy. */
export function prepareJobs(jobs: readonly ReplayJob[], base: RouterState): readonly PreparedJob[] {
  return jobs.map((job) => {
    const state = stateAtJob(job, base);
    return { job, state, optimumUsd: jobOptimumUsd(job, state) };
  });
}

export interface JobOutcome {
  readonly plan: RoutePlan;
  readonly usd: number;
  readonly endSeconds: number;
  readonly isOnTime: boolean;
  /** Whether any way of running it would have been. */
  readonly isFeasible: boolean;
  /** Least dollars with everything known beforehand. */
  readonly optimumUsd: number;
  /** Chance to be on time as quoted. */
  readonly quotedChance: number;
}

export function replayJob(
  prepared: PreparedJob,
  policy: ReplayPolicy,
  fraction: () => number,
): JobOutcome {
  const { job, state, optimumUsd } = prepared;
  const plan = policy.planOf(requestOfJob(job), state);
  const { usd, endSeconds } = runPlan(plan, { job, state, policy: policy.spotPolicy, fraction });
  return {
    plan,
    usd,
    endSeconds,
    isOnTime: endSeconds <= job.deadlineSeconds,
    isFeasible: Number.isFinite(optimumUsd),
    optimumUsd,
    quotedChance: chanceBy(planSecondsAt(plan, requestOfJob(job), state), job.deadlineSeconds),
  };
}

export interface JobsScore {
  readonly jobs: number;
  readonly usd: number;
  readonly feasible: number;
  /** Late although some way would have been on time. */
  readonly missed: number;
  /** Dollars of the jobs that were on time, and of their optimum: being late is no saving. */
  readonly onTimeUsd: number;
  readonly optimumUsd: number;
  /** The one over the other: of all, of the median job, of the 95th. */
  readonly total: number;
  readonly median: number;
  readonly p95: number;
}

export function scoreJobs(outcomes: readonly JobOutcome[]): JobsScore {
  const feasible = outcomes.filter((each) => each.isFeasible);
  const onTime = feasible.filter((each) => each.isOnTime);
  const ratios = onTime.map(({ usd, optimumUsd }) => usd / optimumUsd).sort((a, b) => a - b);
  const onTimeUsd = onTime.reduce((sum, { usd }) => sum + usd, 0);
  const optimumUsd = onTime.reduce((sum, each) => sum + each.optimumUsd, 0);
  return {
    jobs: outcomes.length,
    usd: outcomes.reduce((sum, { usd }) => sum + usd, 0),
    feasible: feasible.length,
    missed: feasible.length - onTime.length,
    onTimeUsd,
    optimumUsd,
    total: onTimeUsd / optimumUsd,
    median: sampleAt(ratios, 0.5),
    p95: sampleAt(ratios, 0.95),
  };
}
