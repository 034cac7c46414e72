import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';

/** `GET /health`: 503 where this process should be restarted, because its batcher stands still. */
export function createGetHealthHandler(deps: InferenceDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async () => {
    const health = deps.inference.health();
    return jsonAnswer(health.healthy ? 200 : 503, health);
  });
}
