import type { APIGatewayProxyResult } from 'aws-lambda';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from './handler.ts';
import type { HandlerDependencies } from './handler-dependencies.ts';
import { jobIdOf } from './job-id.ts';
import { tenantOf } from './tenant.ts';

/** The JSONL of a finished job: itself up to `resultBytes`, above it 303 to a link for a while. */
export async function sendJobPart(
  event: RouteEvent,
  part: 'results' | 'errors',
  deps: HandlerDependencies,
): Promise<APIGatewayProxyResult> {
  const jobId = jobIdOf(event);
  const { key, sizeBytes } = await deps.jobs.locate({ tenant: tenantOf(event), jobId, part });
  if (sizeBytes > deps.limits.resultBytes) {
    const validSeconds = deps.limits.linkSeconds;
    const location = await deps.objectLinks.linkTo(key, { validSeconds });
    return { statusCode: 303, headers: { location, 'cache-control': 'no-store' }, body: '' };
  }
  const bytes = await deps.objectStore.read(key);
  if (bytes === undefined) {
    throw new SwitchyardError('object_not_found', `the ${part} of this job were removed`);
  }
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/jsonl', 'cache-control': 'no-store' },
    body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    isBase64Encoded: false,
  };
}
