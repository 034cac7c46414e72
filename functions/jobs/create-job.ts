import { createJobRequestSchema } from '#core/contract/job.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { refuseTooManyItems } from '#core/contract/place-request.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { requestBody } from '../middleware/request-body.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { startJob } from './start-job.ts';

/** `POST /jobs`: 202 with the job; the same Idempotency-Key gives the same job again. */
export function createCreateJobHandler(deps: JobDependencies): Handler {
  const schema = createJobRequestSchema(deps.limits);
  return composeRoute([...standardMiddleware(deps), requestBody(deps.limits)], async (event) => {
    refuseTooManyItems(event.json, 'items', deps.limits);
    const request = parseWith(schema, event.json);
    event.notes = { items: request.items?.length ?? 0 };
    return startJob(event, request, deps);
  });
}
