import type { BudgetStatus } from '#core/contract/budget.ts';
import type { ExplainRequest, QuotesRequest } from '#core/contract/route-questions.ts';
import { readStateId } from '#core/routing/budget-state-id.ts';
import type { RouteAsk } from '#core/routing/live-route.ts';
import type { LiveState } from '#core/routing/state/live-state.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { askOfTexts, placeTexts } from '../inference/route-texts.ts';
import { tenantOf } from '../tenant.ts';

type RouterDependencies = Pick<InferenceDependencies, 'limits' | 'router' | 'budgets'>;

/** All that decides besides the request. */
interface RouteFacts {
  readonly state: LiveState;
  /** Undefined for a tenant without a budget. */
  readonly budget: BudgetStatus | undefined;
}

/** The facts that a question names, or the present ones. Throws `model_not_found`, `state_not_found`. */
export async function factsFor(
  event: RouteEvent,
  { model, stateId }: { readonly model: string; readonly stateId?: string | undefined },
  { router, budgets }: RouterDependencies,
): Promise<RouteFacts> {
  if (router === undefined) {
    const detail =
      'this deployment decides by the number of items alone; there is nothing to explain';
    throw new SwitchyardError('lane_unavailable', detail);
  }
  if (stateId === undefined) {
    const state = router.stateOf(model);
    return { state, budget: await budgets?.statusOf(tenantOf(event)) };
  }
  const named = readStateId(stateId);
  const state = named && (await router.findState(named.stateId));
  if (state?.router.model === model) return { state, budget: named?.status };
  const detail = `no state of model ${model} has this id; take the one that an answer of it named`;
  throw new SwitchyardError('state_not_found', detail, { members: { param: 'stateId' } });
}

/** What the router is asked for work as it was described. Throws `too_many_items`. */
export function askOf(
  request: ExplainRequest | QuotesRequest,
  prefersAsync: boolean,
  { limits }: RouterDependencies,
): RouteAsk {
  const { text, texts, items, bytes = 0, lane, maxUsd } = request;
  const deadlineMs = 'deadlineMs' in request ? request.deadlineMs : undefined;
  if (items !== undefined) {
    return { items, bytes, deadlineMs, lane, maxUsd, accepts: 'job', mixed: request.mixed };
  }
  const asked = { texts: texts ?? [text], deadlineMs, lane, maxUsd, prefersAsync };
  return askOfTexts(asked, placeTexts(asked, limits));
}
