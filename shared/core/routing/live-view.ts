import type { Lane, RouteSummary } from '../contract/lane.ts';
import type { LiveDecision } from './live-route.ts';
import type { LiveState } from './live-state.ts';
import { type Candidate, lanesOf, type RoutePlan } from './route-plan.ts';

/** The full form of a decision: what was asked, what was chosen, and what else could have been. */
export interface RouteView extends RouteSummary {
  readonly items: number;
  /** Estimated from bytes. */
  readonly tokens: number;
  readonly onTime: boolean;
  /** Null where the request is refused. */
  readonly chosen: CandidateView | null;
  /** Cheapest first. */
  readonly candidates: readonly CandidateView[];
  readonly assumptions: readonly string[];
}

interface CandidateView {
  readonly lanes: readonly Lane[];
  readonly plan: RoutePlan;
  /** Done by then with at least the chance `target` of the state. */
  readonly finishSeconds: number;
  readonly usd: number;
}

/** The short form, in every answer. */
export function routeSummary(decision: LiveDecision, state: LiveState): RouteSummary {
  const { rehearsal } = state;
  return {
    lane: laneOf(decision.chosen),
    reason: decision.reason,
    stateId: decision.stateId,
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
}

export function routeView(decision: LiveDecision, state: LiveState): RouteView {
  const { request, chosen, candidates, isOnTime } = decision;
  return {
    ...routeSummary(decision, state),
    items: request.items,
    tokens: request.tokens,
    onTime: isOnTime,
    chosen: chosen === undefined ? null : candidateView(chosen),
    candidates: candidates.map(candidateView),
    assumptions: state.router.assumptions,
  };
}

/** The lane that does most of the work; `cpu` where the request is refused. */
export function laneOf(chosen: Candidate | undefined): Lane {
  const [lane = 'cpu'] = chosen === undefined ? [] : lanesOf(chosen.plan);
  return lane;
}

function candidateView({ plan, finishSeconds, usd }: Candidate): CandidateView {
  return { lanes: lanesOf(plan), plan, finishSeconds, usd };
}
