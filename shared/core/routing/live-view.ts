import type { Lane } from '../contract/lane.ts';
import type { CandidateView, RouteSummary, RouteView } from '../contract/route-view.ts';
import { chanceBy } from './curves/quantiles.ts';
import type { LiveDecision } from './live-route.ts';
import { planSecondsAt, planTerms } from './plans/plan-estimate.ts';
import { type Candidate, lanesOf } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';

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
  const view = (candidate: Candidate): CandidateView => candidateView(candidate, decision, state);
  return {
    ...routeSummary(decision, state),
    items: request.items,
    tokens: request.tokens,
    onTime: isOnTime,
    target: state.router.target,
    chosen: chosen === undefined ? null : view(chosen),
    candidates: candidates.map(view),
    assumptions: state.router.assumptions,
  };
}

/** The lane that does most of the work; `cpu` where the request is refused. */
export function laneOf(chosen: Candidate | undefined): Lane {
  const [lane = 'cpu'] = chosen === undefined ? [] : lanesOf(chosen.plan);
  return lane;
}

function candidateView(
  candidate: Candidate,
  decision: LiveDecision,
  { router }: LiveState,
): CandidateView {
  const { plan, finishSeconds, usd } = candidate;
  const { request } = decision;
  const { deadlineSeconds } = request;
  const secondsAt = planSecondsAt(plan, request, router);
  return {
    lanes: lanesOf(plan),
    plan,
    verdict: verdictOn(candidate, decision),
    finishSeconds,
    time: {
      p50Seconds: secondsAt(0.5),
      p90Seconds: secondsAt(0.9),
      p99Seconds: secondsAt(0.99),
    },
    chance: deadlineSeconds === undefined ? null : chanceBy(secondsAt, deadlineSeconds),
    usd,
    terms: planTerms(plan, request, router),
  };
}

function verdictOn(
  candidate: Candidate,
  { chosen, request }: LiveDecision,
): CandidateView['verdict'] {
  if (candidate === chosen) return 'chosen';
  if (candidate.usd > (request.maxUsd ?? Infinity)) return 'over-budget';
  return candidate.finishSeconds > (request.deadlineSeconds ?? Infinity) ? 'late' : 'dearer';
}
