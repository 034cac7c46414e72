import type { Lane } from '#core/contract/lane.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import { decideWithinBudget } from '#core/routing/decide-within-budget.ts';
import type { RouteAsk } from '#core/routing/live-route.ts';
import { jobRouteOf } from '#core/routing/plans/job-route-of.ts';
import { refuseRoute } from '#core/routing/refuse-route.ts';
import type { LiveRouter } from '../routing/live-router.ts';

/** A job before it has a lane. */
interface JobToRoute {
  readonly tenant: string;
  readonly model: string;
  /** Rows and bytes of their texts; estimates where a file was not read yet. */
  readonly items: number;
  readonly bytes: number;
  readonly lane: Lane | undefined;
  readonly deadlineMs: number | undefined;
  readonly maxUsd: number | undefined;
  readonly maxWorkers: number | undefined;
  readonly mixed?: boolean | undefined;
}

/** Chooses lane and workers of a job. Throws `lane_unavailable`, `price_limit_exceeded`, `budget_exceeded`. */
export type RouteJob = (job: JobToRoute) => Promise<JobRoute>;

export function createJobRouting(
  router: Pick<LiveRouter, 'stateOf'>,
  budgets?: TenantBudgets,
): RouteJob {
  return async (job) => {
    const state = router.stateOf(job.model);
    const ask: RouteAsk = { ...job, accepts: 'job' };
    const decision = decideWithinBudget(ask, state, await budgets?.statusOf(job.tenant));
    const { chosen } = decision;
    if (chosen === undefined) throw refuseRoute(ask, decision, state);
    return jobRouteOf({ ...decision, chosen }, state);
  };
}
