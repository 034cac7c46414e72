import { parseWith } from '#core/contract/parse-with.ts';
import { refuseTooManyItems } from '#core/contract/place-request.ts';
import { prefersAsync } from '#core/contract/prefer-header.ts';
import { explainRequestSchema } from '#core/contract/route-questions.ts';
import type { ExplainResponse } from '#core/contract/route-view.ts';
import { decideWithinBudget } from '#core/routing/decide-within-budget.ts';
import { offersFor } from '#core/routing/live-route.ts';
import { routeView } from '#core/routing/live-view.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { readHeaderLines } from '../http-headers.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requestBody } from '../middleware/request-body.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { askOf, factsFor } from './ask-router.ts';

/**
 * `POST /route:explain`: where a request would be run now, or by the state that an earlier answer
 * named, with everything that was rejected. Nothing is run.
 */
export function createExplainRouteHandler(deps: InferenceDependencies): Handler {
  const schema = explainRequestSchema(deps.limits);
  return composeRoute([...standardMiddleware(deps), requestBody(deps.limits)], async (event) => {
    refuseTooManyItems(event.json, 'texts', deps.limits);
    const request = parseWith(schema, event.json);
    const { state, budget } = await factsFor(event, request, deps);
    const ask = askOf(request, prefersAsync(readHeaderLines(event, 'prefer')), deps);
    const decision = decideWithinBudget(ask, state, budget);
    const isKept = decision.isOnTime && decision.chosen !== undefined;
    const offers = isKept ? undefined : offersFor(ask, state);
    const explanation: ExplainResponse = {
      model: request.model,
      route: routeView(decision, state),
      ...(offers === undefined ? {} : { offers }),
    };
    return jsonAnswer(200, explanation);
  });
}
