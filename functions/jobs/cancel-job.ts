import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';
import { jobIdOf } from './job-id.ts';

/** `DELETE /jobs/{id}`: stops the job and keeps what is committed. */
export function createCancelJobHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const jobId = jobIdOf(event);
    return jsonAnswer(200, await deps.jobs.cancel({ tenant: tenantOf(event), jobId }));
  });
}
