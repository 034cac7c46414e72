import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';
import { jobIdOf } from './job-id.ts';

/** `GET /jobs/{id}`: status, counts and progress. */
export function createGetJobHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const jobId = jobIdOf(event);
    return jsonAnswer(200, await deps.jobs.describe({ tenant: tenantOf(event), jobId }));
  });
}
