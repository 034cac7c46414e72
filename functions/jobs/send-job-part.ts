import type { APIGatewayProxyResult } from 'aws-lambda';
import { COMPLETE_HEADER, jobPartQuerySchema } from '#core/contract/job-part-query.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { tenantOf } from '../tenant.ts';
import { jobIdOf } from './job-id.ts';

/**
 * A Lambda function answers 6 MiB of JSON at most, in which the body is one string: lines full of
 * quotes or backslashes double there. What is left over is for headers.
 */
const ANSWER_BYTES = 6 * 1_048_576 - 65_536;

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
    return await sendLink(lines.key, { deps, common });
  }
  const bytes = lines.kind === 'lines' ? lines.bytes : await deps.objectStore.read(lines.key);
  if (bytes === undefined) {
    throw new SwitchyardError('object_not_found', `the ${part} of this job were removed`);
  }
  const whole = { statusCode: 200, headers: { 'content-type': 'application/jsonl', ...common } };
  const body = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (Buffer.byteLength(JSON.stringify(body)) <= ANSWER_BYTES) {
    return { ...whole, body, isBase64Encoded: false };
  }
  if (lines.kind === 'object') return await sendLink(lines.key, { deps, common });
  // Never longer than 4/3, whatever the bytes are.
  return { ...whole, body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true };
}

async function sendLink(
  key: string,
  by: { readonly deps: JobDependencies; readonly common: Readonly<Record<string, string>> },
): Promise<APIGatewayProxyResult> {
  const validSeconds = by.deps.limits.linkSeconds;
  const location = await by.deps.objectLinks.linkTo(key, { validSeconds });
  return { statusCode: 303, headers: { location, ...by.common }, body: '' };
}
