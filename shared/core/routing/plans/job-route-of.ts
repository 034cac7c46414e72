import type { JobRoute } from '../../jobs/job-route.ts';
import type { LiveDecision } from '../live-route.ts';
import { routeSummary } from '../live-view.ts';
import type { LiveState } from '../state/live-state.ts';
import { quotePlan, workersOf } from './plan-quote.ts';
import type { Candidate } from './route-plan.ts';

/** What a job's record says of the decision that made it. */
export function jobRouteOf(
  decision: LiveDecision & { readonly chosen: Candidate },
  state: LiveState,
): JobRoute {
  const { chosen, request, isOnTime } = decision;
  const { lane, reason, stateId: _, ...more } = routeSummary(decision, state);
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
    ...more,
  };
}
