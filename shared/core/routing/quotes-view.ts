import type { Lane } from '../contract/lane.ts';
import { chanceBy } from './curves/quantiles.ts';
import { decideLive, offersFor, type RouteAsk, type RouteOffers } from './live-route.ts';
import { laneOf } from './live-view.ts';
import { planSecondsAt } from './plans/plan-estimate.ts';
import { quotePlan, workersOf } from './plans/plan-quote.ts';
import { type Candidate, lanesOf, type RoutePlan } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';

/** Body of the answer of `POST /quotes`: the same work at several deadlines, side by side. */
export interface QuotesView {
  readonly stateId: string;
  readonly model: string;
  readonly items: number;
  /** Estimated from bytes; a whole file may be off by `tokensError`. */
  readonly tokens: number;
  readonly tokensError: number;
  readonly quotes: readonly QuoteView[];
  readonly assumptions: readonly string[];
  /** Set where lanes are only rehearsed. */
  readonly rehearsal?: string;
}

interface QuoteView {
  readonly deadlineMs: number;
  readonly onTime: boolean;
  readonly reason: string;
  /** Null where the work is refused at this deadline. */
  readonly plan: QuotedPlan | null;
  /** The soonest and the cheapest way, where this deadline or price cannot be kept. */
  readonly offers?: RouteOffers;
}

interface QuotedPlan {
  readonly lane: Lane;
  readonly lanes: readonly Lane[];
  readonly workers: number;
  readonly plan: RoutePlan;
  readonly finishSeconds: number;
  /** Chance to be on time. */
  readonly chance: number;
  /** What will be charged if it takes as long as is foretold. */
  readonly usd: number;
}

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
