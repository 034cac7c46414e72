import type { QuotedPlan, QuotesView, QuoteView } from '../contract/route-view.ts';
import { chanceBy } from './curves/quantiles.ts';
import { decideLive, offersFor, type RouteAsk } from './live-route.ts';
import { laneOf } from './live-view.ts';
import { planSecondsAt } from './plans/plan-estimate.ts';
import { quotePlan, workersOf } from './plans/plan-quote.ts';
import { type Candidate, lanesOf } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';

/** Quotes one piece of work by one state. */
export function quotesView(
  ask: Omit<RouteAsk, 'deadlineMs'>,
  deadlinesMs: readonly number[],
  state: LiveState,
): QuotesView {
  const asks = deadlinesMs.map((deadlineMs) => ({ ...ask, deadlineMs }));
  const quotes = asks.map((each) => quoteOf(each, state));
  const { request } = decideLive({ ...ask, deadlineMs: undefined }, state);
  const { router, tokens, rehearsal } = state;
  return {
    stateId: router.stateId,
    model: router.model,
    items: ask.items,
    tokens: request.tokens,
    tokensError: tokens.fileError,
    quotes,
    assumptions: router.assumptions,
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
}

function quoteOf(ask: RouteAsk & { readonly deadlineMs: number }, state: LiveState): QuoteView {
  const decision = decideLive(ask, state);
  const { chosen, isOnTime, reason } = decision;
  const offers = isOnTime && chosen !== undefined ? undefined : offersFor(ask, state);
  return {
    deadlineMs: ask.deadlineMs,
    onTime: isOnTime,
    reason,
    plan: chosen === undefined ? null : quotedPlan(chosen, decision.request, state, ask.deadlineMs),
    ...(offers === undefined ? {} : { offers }),
  };
}

function quotedPlan(
  chosen: Candidate,
  request: ReturnType<typeof decideLive>['request'],
  state: LiveState,
  deadlineMs: number,
): QuotedPlan {
  const { plan, finishSeconds } = chosen;
  return {
    lane: laneOf(chosen),
    lanes: lanesOf(plan),
    workers: workersOf(plan),
    plan,
    finishSeconds,
    chance: chanceBy(planSecondsAt(plan, request, state.router), deadlineMs / 1_000),
    usd: quotePlan(plan, request, state).usd,
  };
}
