import type { APIGatewayProxyResult } from 'aws-lambda';
import { COMPLETE_HEADER, jobPartQuerySchema } from '#core/contract/job-part-query.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from './handler.ts';
import type { JobDependencies } from './handler-dependencies.ts';
import { jobIdOf } from './job-id.ts';
import { tenantOf } from './tenant.ts';

/**
 * The JSONL of a job: itself up to `resultBytes`, above it 303 to a link for a while. A header says
 * whether the lines are all there will be.
 */
export async function sendJobPart(
  event: RouteEvent,
  part: 'results' | 'errors',
  deps: JobDependencies,
): Promise<APIGatewayProxyResult> {
  const jobId = jobIdOf(event);
  const query = parseWith(jobPartQuerySchema, event.queryStringParameters ?? {});
  const partial = query.partial === 'true';
  const lines = await deps.jobs.locate({ tenant: tenantOf(event), jobId, part, partial });
  const common = { 'cache-control': 'no-store', [COMPLETE_HEADER]: String(lines.isComplete) };
  if (lines.kind === 'object' && lines.sizeBytes > deps.limits.resultBytes) {
    const validSeconds = deps.limits.linkSeconds;
    const location = await deps.objectLinks.linkTo(lines.key, { validSeconds });
    return { statusCode: 303, headers: { location, ...common }, body: '' };
  }
  const bytes = lines.kind === 'lines' ? lines.bytes : await deps.objectStore.read(lines.key);
  if (bytes === undefined) {
    throw new SwitchyardError('object_not_found', `the ${part} of this job were removed`);
  }
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/jsonl', ...common },
    body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    isBase64Encoded: false,
  };
}
