import { listJobsQuerySchema } from '#core/contract/list-jobs-query.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';

/** `GET /jobs?limit=&after=`: the tenant's jobs, newest first. */
export function createListJobsHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const query = parseWith(listJobsQuerySchema, event.queryStringParameters ?? {});
    const { limit, after } = query;
    const page = after === undefined ? { limit } : { limit, after };
    return jsonAnswer(200, await deps.jobs.list({ tenant: tenantOf(event), ...page }));
  });
}
