import type { JobRoute } from '../../jobs/job-route.ts';
import type { LiveDecision } from '../live-route.ts';
import { routeSummary } from '../live-view.ts';
import type { LiveState } from '../state/live-state.ts';
import { quotePlan, workersOf } from './plan-quote.ts';
import { type Candidate, mixesVariants, type RoutePlan, type RouteRequest } from './route-plan.ts';
import { jobNetOf } from './spot-net.ts';

/** What a job's record says of the decision that made it. */
export function jobRouteOf(
  decision: LiveDecision & { readonly chosen: Candidate },
  state: LiveState,
): JobRoute {
  const { chosen, request, isOnTime } = decision;
  const { lane, reason, stateId: _, ...more } = routeSummary(decision, state);
  // Where a budget chose, no dearer lane takes over for a deadline.
  const net = more.budget === undefined ? netOf(chosen.plan, request, state) : undefined;
  const pools = poolsOf(chosen.plan);
  return {
    stateId: decision.stateId,
    reason,
    lane,
    workers: workersOf(chosen.plan),
    items: request.items,
    tokens: request.tokens,
    quote: {
      usd: quotePlan(chosen.plan, request, state).usd,
      finishSeconds: chosen.finishSeconds + (decision.budget?.waitSeconds ?? 0),
      onTime: isOnTime,
    },
    ...(net === undefined ? {} : { net }),
    ...(pools === undefined ? {} : { pools }),
    ...(mixesVariants(chosen.plan) ? { mixed: true } : {}),
    ...(isBridgeToBoot(chosen.plan) ? { fleetLeaves: true } : {}),
    ...more,
  };
}

/** Spot alone, as a caller may want it, has one too where it was to be done by some time. */
function netOf(plan: RoutePlan, request: RouteRequest, { router }: LiveState): JobRoute['net'] {
  if (plan.kind !== 'spot') return undefined;
  const pool = router.gpus.find((each) => each.pool === plan.pool);
  const market = pool?.spot;
  if (pool === undefined || market === undefined) return undefined;
  const { tokens, deadlineSeconds: bySeconds } = request;
  const wanted =
    bySeconds === undefined ? undefined : ({ lane: 'gpu-on-demand', bySeconds } as const);
  const { instances, net = wanted } = plan;
  return jobNetOf(router, { pool, market, tokens, instances, net });
}

/** Instances first: by their numbers a fleet that bridges their boot knows them. */
function poolsOf(plan: RoutePlan): JobRoute['pools'] {
  if (plan.kind !== 'bridge') return undefined;
  return [
    { lane: 'gpu-on-demand', workers: plan.instances },
    { lane: 'cpu-fleet', workers: plan.width },
  ];
}

function isBridgeToBoot(plan: RoutePlan): boolean {
  return plan.kind === 'bridge' && plan.fleetUntil === 'boot';
}
