import { type CreateJobRequest, rowOptionsOf } from '#core/contract/job.ts';
import { textBytes } from '#core/contract/text-bytes.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { InputFile, JobRecord } from '#core/jobs/job-record.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { estimateInput } from '../input/estimate-input.ts';
import { pinInput } from '../input/pin-input.ts';
import type { JobPorts } from '../job-ports.ts';
import { jobIdFor, requestSha256 } from './identify-job.ts';
import { type RegisteredJob, registerJob } from './register-job.ts';

/**
 * Accepts a job of `POST /jobs`. Durable when it resolves. The same Idempotency-Key with the same
 * body gives the same job; with another body it throws `idempotency_key_reused`.
 */
export async function createJob(
  ports: JobPorts,
  request: {
    readonly tenant: string;
    readonly requestId: string;
    readonly idempotencyKey?: string;
    readonly body: CreateJobRequest;
    readonly route?: JobRoute;
  },
): Promise<RegisteredJob> {
  const { tenant, body } = request;
  // Without a key of the caller's, every request is a job of its own.
  const key = request.idempotencyKey ?? `request ${request.requestId}`;
  const id = jobIdFor(ports.settings.secret, ['POST /jobs', tenant, key]);
  const sha256 = requestSha256(body);
  const known = await ports.objectStore.read(jobKeys.record(id));
  const input = known === undefined ? await prepareInput(ports, id, request, sha256) : noInput;
  const route = known === undefined ? await routeOf(ports, request, input) : undefined;
  return await registerJob(ports, {
    id,
    tenant,
    source: 'api',
    requestSha256: sha256,
    input,
    outputPrefix: `bucket/outbox/${body.model}/${id}/`,
    model: body.model,
    lane: route?.lane ?? body.lane ?? 'cpu-fleet',
    options: body.options,
    ...(body.deadlineMs === undefined ? {} : { deadlineMs: body.deadlineMs }),
    ...(route === undefined ? {} : { route }),
  });
}

async function routeOf(
  ports: JobPorts,
  request: Parameters<typeof createJob>[1],
  input: JobRecord['input'],
): Promise<JobRoute | undefined> {
  const { body, tenant, route } = request;
  if (route !== undefined || ports.routeJob === undefined) return route;
  const { items, lane } = body;
  const { deadlineMs, maxUsd } = body;
  const size =
    items === undefined
      ? await estimateInput(ports.objectStore, input.files, rowOptionsOf(body.options))
      : { items: items.length, bytes: textBytes(items.map(({ text }) => text)) };
  // First: it says best why a lane is not there.
  ports.catalogue.describe(body.model, lane ?? 'cpu-fleet');
  const { workers: maxWorkers, mixed } = body.options;
  return await ports.routeJob({
    tenant,
    model: body.model,
    ...size,
    lane,
    deadlineMs,
    maxUsd,
    maxWorkers,
    mixed,
  });
}

// Stands in where job.json is there already and its own input counts.
const noInput: JobRecord['input'] = { uri: '', sizeBytes: 0, files: [] };

async function prepareInput(
  ports: JobPorts,
  jobId: string,
  { tenant, body }: { readonly tenant: string; readonly body: CreateJobRequest },
  sha256: string,
): Promise<JobRecord['input']> {
  if (body.input !== undefined) {
    return await pinInput(ports, jobId, { tenant, uri: body.input, options: body.options });
  }
  const lines = (body.items ?? []).map((item) => `${JSON.stringify(item)}\n`);
  // The name holds the content's hash, so that racing requests with other bodies cannot mix.
  const key = `${jobKeys.input(jobId)}-${sha256.slice(0, 16)}`;
  await ports.objectStore.putIfAbsent(key, new TextEncoder().encode(lines.join('')));
  const head = await ports.objectStore.head(key);
  if (head === undefined) throw new SwitchyardError('object_not_found', `${key} vanished`);
  const { etag, sizeBytes } = head;
  const file: InputFile = {
    name: 'inline',
    key,
    etag,
    sizeBytes,
    format: 'jsonl',
    compression: 'none',
  };
  return { uri: 'inline', sizeBytes, files: [file] };
}
