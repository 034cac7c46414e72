import type { APIGatewayProxyResult } from 'aws-lambda';
import { parseIdempotencyKey } from '#core/contract/idempotency-key.ts';
import type { CreateJobRequest } from '#core/contract/job.ts';
import type { Lane } from '#core/contract/lane.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';
import type { RouteEvent } from '../handler.ts';
import { readHeader } from '../http-headers.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pathPrefix } from '../path-prefix.ts';
import { requireScope } from '../require-scope.ts';
import { tenantOf } from '../tenant.ts';

/** How soon a client should look at a new job again. */
const POLL_SECONDS = 1;

/** Creates a job and answers 202 with its address; the accepted job is durable by then. */
export async function startJob(
  event: RouteEvent,
  body: CreateJobRequest,
  deps: { readonly jobs: JobStarter; readonly route?: JobRoute | undefined },
): Promise<APIGatewayProxyResult> {
  // A key for predictions alone must not start what runs for hours.
  requireScope(event, 'jobs');
  const idempotencyKey = parseIdempotencyKey(readHeader(event, 'idempotency-key'));
  const { job, created } = await deps.jobs.create({
    tenant: tenantOf(event),
    requestId: event.requestContext.requestId,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    body,
    ...(deps.route === undefined ? {} : { route: deps.route }),
  });
  return jsonAnswer(202, job, {
    location: `${pathPrefix(event)}/jobs/${job.id}`,
    'retry-after': String(POLL_SECONDS),
    ...(created ? {} : { 'idempotency-replayed': 'true' }),
  });
}

/** The job that does what a request of texts asked for; bad texts become its error rows. */
export function jobOfTexts(request: {
  readonly model: string;
  readonly texts: readonly unknown[];
  readonly topK?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly lane: Lane | undefined;
}): CreateJobRequest {
  return {
    model: request.model,
    items: request.texts.map((text) => ({ text })),
    options: request.topK === undefined ? {} : { topK: request.topK },
    ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
    ...(request.lane === undefined ? {} : { lane: request.lane }),
  };
}
