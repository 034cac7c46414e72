import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { sendJobPart } from './send-job-part.ts';

/** `GET /jobs/{id}/errors`: JSONL, or 303 to it. */
export function createGetJobErrorsHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), (event) => sendJobPart(event, 'errors', deps));
}
