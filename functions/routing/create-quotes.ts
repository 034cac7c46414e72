import { parseWith } from '#core/contract/parse-with.ts';
import { refuseTooManyItems } from '#core/contract/place-request.ts';
import { quotesRequestSchema } from '#core/contract/route-questions.ts';
import { quotesView } from '#core/routing/quotes-view.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requestBody } from '../middleware/request-body.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { askOf, factsFor } from './ask-router.ts';

/** `POST /quotes`: time, price and chance of the same work at several deadlines. Nothing is run. */
export function createCreateQuotesHandler(deps: InferenceDependencies): Handler {
  const schema = quotesRequestSchema(deps.limits);
  return composeRoute([...standardMiddleware(deps), requestBody(deps.limits)], async (event) => {
    refuseTooManyItems(event.json, 'texts', deps.limits);
    const request = parseWith(schema, event.json);
    const facts = await factsFor(event, request, deps);
    // A quote is for whoever takes a job: with days to wait nobody holds a connection open.
    const ask = askOf(request, true, deps);
    return jsonAnswer(200, quotesView(ask, request.deadlinesMs, facts));
  });
}
