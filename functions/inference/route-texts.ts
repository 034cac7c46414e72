import type { BudgetStatus } from '#core/contract/budget.ts';
import type { Lane } from '#core/contract/lane.ts';
import type { Limits } from '#core/contract/limits.ts';
import { type Placement, placeRequest } from '#core/contract/place-request.ts';
import type { RouteSummary } from '#core/contract/route-view.ts';
import { textBytes } from '#core/contract/text-bytes.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { decideWithinBudget } from '#core/routing/decide-within-budget.ts';
import type { LiveDecision, RouteAsk } from '#core/routing/live-route.ts';
import { routeSummary, routeView } from '#core/routing/live-view.ts';
import { jobRouteOf } from '#core/routing/plans/job-route-of.ts';
import { passedDeadline, refuseRoute } from '#core/routing/refuse-route.ts';
import type { LiveState } from '#core/routing/state/live-state.ts';
import type { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';

/** Texts of one request, and what their sender allows. */
export interface TextsToRoute {
  readonly model: string;
  readonly texts: readonly unknown[];
  readonly deadlineMs?: number | undefined;
  readonly lane?: Lane | undefined;
  readonly maxUsd?: number | undefined;
  readonly prefersAsync: boolean;
  /** Whether the answer shows every candidate. */
  readonly prefersFullRoute: boolean;
  /** Of the sender; undefined where there is no budget. */
  readonly budget: BudgetStatus | undefined;
}

export type RoutedTexts =
  | {
      readonly kind: 'inline';
      readonly route: RouteSummary;
      /** Undefined where the caller accepts an answer after the deadline, since nothing is sooner. */
      readonly deadlineMs: number | undefined;
      /** What the caller is told if the deadline passes all the same. */
      readonly passed: ((deadlineMs: number) => SwitchyardError) | undefined;
    }
  | { readonly kind: 'job'; readonly lane: Lane | undefined; readonly route?: JobRoute };

/**
 * Where texts are run: by the router's decision, or by their number where there is no router. Throws
 * `too_many_items`, `lane_unavailable`, `budget_exceeded`, or `deadline_infeasible` or
 * `price_limit_exceeded` with offers.
 */
export function routeTexts(
  request: TextsToRoute,
  deps: Pick<InferenceDependencies, 'limits' | 'router'>,
): RoutedTexts {
  const { deadlineMs } = request;
  const placement = placeTexts(request, deps.limits);
  const state = deps.router?.stateOf(request.model);
  if (state === undefined) {
    if (placement.kind === 'job') return { kind: 'job', lane: placement.lane };
    const route = { lane: 'cpu', reason: placement.reason } as const;
    return { kind: 'inline', route, deadlineMs, passed: undefined };
  }
  const ask = askOfTexts(request, placement);
  const decision = decideWithinBudget(ask, state, request.budget);
  const { chosen } = decision;
  if (chosen === undefined) throw refuseRoute(ask, decision, state);
  if (chosen.plan.kind !== 'inline') {
    const route = jobRouteOf({ ...decision, chosen }, state);
    return { kind: 'job', lane: route.lane, route };
  }
  const route = shown(decision, state, request.prefersFullRoute);
  return {
    kind: 'inline',
    route,
    deadlineMs: decision.isOnTime ? deadlineMs : undefined,
    passed: (missedMs) => passedDeadline({ ...ask, deadlineMs: missedMs }, decision, state),
  };
}

type AskedTexts = Omit<TextsToRoute, 'model' | 'prefersFullRoute' | 'budget'>;

/** Throws `too_many_items`. */
export function placeTexts(request: AskedTexts, limits: Limits): Placement {
  const { texts, lane, prefersAsync } = request;
  return placeRequest({ items: texts.length, lane, prefersAsync }, limits);
}

/** What the router is asked about texts that were placed so; the same for answer and explanation. */
export function askOfTexts(request: AskedTexts, placement: Placement): RouteAsk {
  const { texts, deadlineMs, maxUsd, prefersAsync } = request;
  return {
    items: texts.length,
    bytes: textBytes(texts),
    deadlineMs,
    lane: placement.kind === 'job' ? placement.lane : request.lane,
    maxUsd,
    accepts: placement.kind === 'job' || prefersAsync ? 'either' : 'answer',
  };
}

function shown(decision: LiveDecision, state: LiveState, inFull: boolean): RouteSummary {
  return inFull ? routeView(decision, state) : routeSummary(decision, state);
}
