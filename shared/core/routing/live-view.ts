import type { BudgetEffect } from '../contract/budget.ts';
import type { Lane } from '../contract/lane.ts';
import type { CandidateView, RouteSummary, RouteView } from '../contract/route-view.ts';
import { chanceBy } from './curves/quantiles.ts';
import type { BudgetOutcome, LiveDecision } from './live-route.ts';
import { planSecondsAt, planTerms } from './plans/plan-estimate.ts';
import { type Candidate, lanesOf } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';

/** The short form, in every answer. */
export function routeSummary(decision: LiveDecision, state: LiveState): RouteSummary {
  const { rehearsal } = state;
  const { budget } = decision;
  return {
    lane: laneOf(decision.chosen),
    reason: decision.reason,
    stateId: decision.stateId,
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(budget === undefined || budget.effect === 'none' ? {} : { budget: budgetView(budget) }),
    ...(budget?.effect === 'queued' ? { startsAt: budget.status.resetsAt } : {}),
  };
}

export function budgetView({ effect, status, quotedUsd }: BudgetOutcome): BudgetEffect {
  const { mode, limitUsd, spentUsd, promisedUsd, resetsAt } = status;
  return {
    effect,
    mode,
    limit_usd: limitUsd,
    spent_usd: spentUsd,
    promised_usd: promisedUsd,
    quoted_usd: quotedUsd ?? null,
    resets_at: resetsAt,
  };
}

export function routeView(decision: LiveDecision, state: LiveState): RouteView {
  const { request, chosen, candidates, isOnTime } = decision;
  const view = (candidate: Candidate): CandidateView => candidateView(candidate, decision, state);
  return {
    ...routeSummary(decision, state),
    // In full, also one that changed nothing.
    ...(decision.budget === undefined ? {} : { budget: budgetView(decision.budget) }),
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
  const deadlineSeconds = timeLeft(decision);
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

function verdictOn(candidate: Candidate, decision: LiveDecision): CandidateView['verdict'] {
  if (candidate === decision.chosen) return 'chosen';
  if (candidate.usd > (decision.request.maxUsd ?? Infinity)) return 'over-budget';
  return candidate.finishSeconds > (timeLeft(decision) ?? Infinity) ? 'late' : 'dearer';
}

/** From the start of the work to the deadline. */
function timeLeft({ request, budget }: LiveDecision): number | undefined {
  const { deadlineSeconds } = request;
  return deadlineSeconds === undefined ? undefined : deadlineSeconds - (budget?.waitSeconds ?? 0);
}
