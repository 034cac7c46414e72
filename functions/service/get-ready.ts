import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';

/** `GET /ready`: 503 with reasons until every model is verified and gave its known answer. */
export function createGetReadyHandler(deps: InferenceDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async () => {
    const readiness = deps.inference.readiness();
    const soon = readiness.ready ? {} : { 'retry-after': '1' };
    return jsonAnswer(readiness.ready ? 200 : 503, readiness, soon);
  });
}
