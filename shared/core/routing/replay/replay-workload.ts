import { seededFractions } from '../../chaos/kill-schedule.ts';
import type { RouterState } from '../router-state.ts';
import type { Arrival } from './arrivals.ts';
import { type JobsScore, type PreparedJob, replayJob, scoreJobs } from './replay-jobs.ts';
import type { ReplayPolicy } from './replay-policies.ts';
import { type RequestsScore, replayRequests } from './replay-requests.ts';

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
  /** Dollars above the optimum of what could be on time. */
  readonly regretUsd: number;
}

/** One row per policy. The same draws for each, so that none is lucky. */
export function replayWorkload(
  workload: Workload,
  policies: readonly ReplayPolicy[],
): readonly PolicyRow[] {
  const { arrivals, jobs: prepared, state, seed, requestDeadlineSeconds } = workload;
  return policies.map((policy) => {
    const requests = replayRequests(arrivals, policy, {
      state,
      deadlineSeconds: requestDeadlineSeconds,
      fraction: seededFractions(seed),
    });
    const fraction = seededFractions(seed + 1);
    const jobs = scoreJobs(
      prepared.map((each) => replayJob(each, policy, fraction)),
      prepared,
    );
    const missed = requests.late + jobs.missed;
    const possible = requests.requests + jobs.feasible;
    return {
      policy: policy.name,
      usd: requests.usd + jobs.usd,
      requests,
      jobs,
      missed,
      attainment: possible === 0 ? 1 : 1 - missed / possible,
      regretUsd: requests.usd - requests.optimumUsd + jobs.feasibleUsd - jobs.optimumUsd,
    };
  });
}
