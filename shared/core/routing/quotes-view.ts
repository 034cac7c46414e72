import type { BudgetStatus } from '../contract/budget.ts';
import type { QuotedPlan, QuotesView, QuoteView } from '../contract/route-view.ts';
import { stateIdWithin } from './budget-state-id.ts';
import { chanceBy } from './curves/quantiles.ts';
import { decideWithinBudget } from './decide-within-budget.ts';
import { decideLive, type LiveDecision, offersFor, type RouteAsk } from './live-route.ts';
import { budgetView, laneOf } from './live-view.ts';
import { planSecondsAt } from './plans/plan-estimate.ts';
import { quotePlan, workersOf } from './plans/plan-quote.ts';
import { type Candidate, lanesOf } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';

/** Quotes one piece of work by one state, and by the tenant's budget where there is one. */
export function quotesView(
  ask: Omit<RouteAsk, 'deadlineMs'>,
  deadlinesMs: readonly number[],
  facts: QuoteFacts,
): QuotesView {
  const { state, budget } = facts;
  const asks = deadlinesMs.map((deadlineMs) => ({ ...ask, deadlineMs }));
  const quotes = asks.map((each) => quoteOf(each, facts));
  const { request } = decideLive({ ...ask, deadlineMs: undefined }, state);
  const { router, tokens, rehearsal } = state;
  return {
    stateId: stateIdWithin(router.stateId, budget),
    model: router.model,
    items: ask.items,
    tokens: request.tokens,
    tokensError: tokens.fileError,
    quotes,
    assumptions: router.assumptions,
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
}

interface QuoteFacts {
  readonly state: LiveState;
  readonly budget: BudgetStatus | undefined;
}

function quoteOf(ask: RouteAsk & { readonly deadlineMs: number }, facts: QuoteFacts): QuoteView {
  const { state } = facts;
  const decision = decideWithinBudget(ask, state, facts.budget);
  const { chosen, isOnTime, reason, budget } = decision;
  const offers = isOnTime && chosen !== undefined ? undefined : offersFor(ask, state);
  return {
    deadlineMs: ask.deadlineMs,
    onTime: isOnTime,
    reason,
    plan: chosen === undefined ? null : quotedPlan({ ...decision, chosen }, state, ask.deadlineMs),
    ...(offers === undefined ? {} : { offers }),
    ...(budget === undefined ? {} : { budget: budgetView(budget) }),
  };
}

function quotedPlan(
  { chosen, request, budget }: LiveDecision & { readonly chosen: Candidate },
  state: LiveState,
  deadlineMs: number,
): QuotedPlan {
  const { plan, finishSeconds } = chosen;
  const waitSeconds = budget?.waitSeconds ?? 0;
  return {
    lane: laneOf(chosen),
    lanes: lanesOf(plan),
    workers: workersOf(plan),
    plan,
    finishSeconds: waitSeconds + finishSeconds,
    chance: chanceBy(planSecondsAt(plan, request, state.router), deadlineMs / 1_000 - waitSeconds),
    usd: quotePlan(plan, request, state).usd,
  };
}
