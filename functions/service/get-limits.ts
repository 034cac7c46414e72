import { limitsView } from '#core/contract/limits-view.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';

/** `GET /limits`: what one request, line or job may hold here. */
export function createGetLimitsHandler(deps: InferenceDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async () =>
    jsonAnswer(200, limitsView(deps.limits)),
  );
}
