import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';
import { jobIdOf } from './job-id.ts';

/** `POST /jobs/{id}/resume`: 202; a cancelled or failed job does what it has not done yet. */
export function createResumeJobHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const jobId = jobIdOf(event);
    const job = await deps.jobs.resume({ tenant: tenantOf(event), jobId });
    return jsonAnswer(202, job, { 'retry-after': '1' });
  });
}
