import type { APIGatewayProxyResult } from 'aws-lambda';
import { parseIdempotencyKey } from '#core/contract/idempotency-key.ts';
import type { CreateJobRequest } from '#core/contract/job.ts';
import type { Lane } from '#core/contract/lane.ts';
import type { RouteEvent } from './handler.ts';
import type { HandlerDependencies } from './handler-dependencies.ts';
import { readHeader } from './http-headers.ts';
import { jsonAnswer } from './json-answer.ts';
import { tenantOf } from './tenant.ts';

/** How soon a client should look at a new job again. */
const POLL_SECONDS = 1;

/** Creates a job and answers 202 with its address; the accepted job is durable by then. */
export async function startJob(
  event: RouteEvent,
  body: CreateJobRequest,
  deps: Pick<HandlerDependencies, 'jobs'>,
): Promise<APIGatewayProxyResult> {
  const idempotencyKey = parseIdempotencyKey(readHeader(event, 'idempotency-key'));
  const { job, created } = await deps.jobs.create({
    tenant: tenantOf(event),
    requestId: event.requestContext.requestId,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    body,
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

/** What stands before our paths in the client's URL: a stage or a base path, often nothing. */
function pathPrefix(event: RouteEvent): string {
  const whole = event.requestContext.path ?? '';
  return whole.endsWith(event.path) ? whole.slice(0, -event.path.length) : '';
}
