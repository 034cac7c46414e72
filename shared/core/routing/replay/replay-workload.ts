import { seededFractions } from '../../chaos/kill-schedule.ts';
import type { RouterState } from '../state/router-state.ts';
import type { Arrival } from './arrivals.ts';
import { type JobsScore, type PreparedJob, replayJob, scoreJobs } from './replay-jobs.ts';
import type { ReplayPolicy } from './replay-policies.ts';
import { type RequestsScore, replayRequests, warmRequests } from './replay-requests.ts';

/** Requests of one item and jobs, to be placed by each policy. */
export interface Workload {
  readonly arrivals: readonly Arrival[];
  readonly requestDeadlineSeconds: number;
  readonly jobs: readonly PreparedJob[];
  readonly state: RouterState;
  readonly seed: number;
}

export interface PolicyRow {
  readonly policy: string;
  readonly usd: number;
  readonly requests: RequestsScore;
  readonly jobs: JobsScore;
  /** Deadlines missed that could have been met, of requests and jobs. */
  readonly missed: number;
  /** Share of what could be on time that was. */
  readonly attainment: number;
  /** Dollars above the optimum of what was on time; below 0 where a mix of lanes beat it. */
  readonly regretUsd: number;
}

/** One row per policy and a last one for the optimum. The same draws for each, so that none is lucky. */
export function replayWorkload(
  workload: Workload,
  policies: readonly ReplayPolicy[],
): readonly PolicyRow[] {
  const { arrivals, jobs: prepared, state, seed, requestDeadlineSeconds } = workload;
  const rows = policies.map((policy): PolicyRow => {
    const requests = replayRequests(arrivals, policy, {
      state,
      deadlineSeconds: requestDeadlineSeconds,
      fraction: seededFractions(seed),
    });
    const fraction = seededFractions(seed + 1);
    const jobs = scoreJobs(prepared.map((each) => replayJob(each, policy, fraction)));
    const missed = missedOf(requests) + jobs.missed;
    const possible = requests.feasible + jobs.feasible;
    return {
      policy: policy.name,
      usd: requests.usd + jobs.usd,
      requests,
      jobs,
      missed,
      attainment: possible === 0 ? 1 : 1 - missed / possible,
      regretUsd: requests.usd - requests.optimumUsd + jobs.onTimeUsd - jobs.optimumUsd,
    };
  });
  return [...rows, clairvoyantRow(workload)];
}

/** Late although a warm environment would have been in time. */
function missedOf({ requests, late, feasible }: RequestsScore): number {
  return Math.max(0, late - (requests - feasible));
}

/** Every environment warm, and each job that can be on time run the best single-lane way. */
function clairvoyantRow({ arrivals, jobs: prepared, ...workload }: Workload): PolicyRow {
  const requests = warmRequests(arrivals, {
    state: workload.state,
    deadlineSeconds: workload.requestDeadlineSeconds,
    fraction: seededFractions(workload.seed),
  });
  const possible = prepared.filter(({ optimumUsd }) => Number.isFinite(optimumUsd));
  const usd = possible.reduce((sum, { optimumUsd }) => sum + optimumUsd, 0);
  const jobs: JobsScore = {
    jobs: possible.length,
    usd,
    feasible: possible.length,
    missed: 0,
    onTimeUsd: usd,
    optimumUsd: usd,
    total: 1,
    median: 1,
    p95: 1,
  };
  return {
    policy: 'clairvoyant',
    usd: requests.usd + usd,
    requests,
    jobs,
    missed: 0,
    attainment: 1,
    regretUsd: 0,
  };
}
