import * as z from 'zod';
import { type JobOptions, rowOptionsOf } from '#core/contract/job.ts';
import type { Lane } from '#core/contract/lane.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { shardBytesFor } from '#core/jobs/plan-builder.ts';
import { type WorkerPools, workersIn } from '#core/jobs/worker-pools.ts';
import { processorOf } from '#core/models/lane-files.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobModel, JobPorts } from '../job-ports.ts';
import { putJobRecord, readJobRecord } from '../records/job-records.ts';
import { encodeJson, readJsonObject } from '../records/read-json-object.ts';

export interface RegisteredJob {
  readonly job: JobRecord;
  /** False where the same submission had made it before. */
  readonly created: boolean;
}

export interface NewJob {
  readonly id: string;
  readonly tenant: string;
  readonly source: JobRecord['source'];
  readonly requestSha256: string;
  readonly input: JobRecord['input'];
  /** Wanted folder for the output; another job's folder is never shared. */
  readonly outputPrefix: string;
  readonly model: string;
  readonly lane: Lane;
  readonly options: JobOptions;
  readonly deadlineMs?: number;
  /** Where its workers run, where that is more than its lane. */
  readonly pools?: JobRecord['pools'];
  readonly route?: JobRoute;
}

/**
 * Makes a job durable: first its output folder, then `job.json` by put-if-absent, then the listings.
 * Every step can be repeated, so a crash in between is healed by the same submission coming again.
 */
export async function registerJob(ports: JobPorts, wanted: NewJob): Promise<RegisteredJob> {
  const known = await readJobRecord(ports.objectStore, wanted.id);
  if (known !== undefined) {
    await list(ports, known);
    return { job: sameRequest(known, wanted), created: false };
  }
  const model = ports.catalogue.describe(wanted.model, wanted.lane);
  return await writeRecord(ports, wanted, model);
}

/**
 * As {@link registerJob} for a job that cannot run: it exists, so that its failure can be seen.
 *
 * @param fail writes its end; called before the job exists, so that a crash in between can never leave
 * a job that workers take up without knowing what is wrong with it
 */
export async function registerFailedJob(
  ports: JobPorts,
  wanted: NewJob,
  fail: (job: JobRecord) => Promise<void>,
): Promise<RegisteredJob> {
  const known = await readJobRecord(ports.objectStore, wanted.id);
  // It could run when it was first seen, and may be under way.
  if (known !== undefined && known.modelSha256 !== '') return { job: known, created: false };
  const noModel = { version: '', variant: '', sha256: '', provider: 'cpu' } as const;
  const registered = await writeRecord(ports, wanted, noModel, fail);
  // It has ended already, and what follows from an end is the reconciler's to do.
  await ports.objectStore.putIfAbsent(jobKeys.active(wanted.id), new Uint8Array(0));
  return registered;
}

async function writeRecord(
  ports: JobPorts,
  wanted: NewJob,
  model: JobModel,
  beforeWriting: (job: JobRecord) => Promise<void> = async () => {},
): Promise<RegisteredJob> {
  const { cellBytes } = ports.settings;
  const { topK, onInvalid, webhook } = wanted.options;
  const rows = rowOptionsOf(wanted.options);
  const shardBytes = shardBytesFor({ sizeBytes: wanted.input.sizeBytes, cellBytes });
  const shards = Math.max(1, Math.ceil(wanted.input.sizeBytes / shardBytes));
  const pools = wanted.pools ?? wanted.route?.pools?.map((pool) => within(pool, shards));
  const record: JobRecord = {
    schema: 1,
    id: wanted.id,
    tenant: wanted.tenant,
    source: wanted.source,
    createdAt: new Date(ports.clock.epochMillis()).toISOString(),
    requestSha256: wanted.requestSha256,
    model: wanted.model,
    modelVersion: model.version,
    modelSha256: model.sha256,
    variant: model.variant,
    provider: model.provider,
    lane: wanted.lane,
    input: wanted.input,
    output: { prefix: await ownOutputPrefix(ports, wanted) },
    ...(wanted.options.output === undefined ? {} : { outputFormat: wanted.options.output }),
    ...(topK === undefined ? {} : { topK }),
    ...(Object.keys(rows).length === 0 ? {} : { rows }),
    ...(onInvalid === undefined ? {} : { onInvalid }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(wanted.deadlineMs === undefined ? {} : { deadlineMs: wanted.deadlineMs }),
    cellBytes,
    shardBytes,
    workers: pools === undefined ? workersOf(ports, wanted, shards) : workersIn(pools),
    ...(pools === undefined ? {} : { pools }),
    ...mixedOf(ports, wanted),
    ...(wanted.route === undefined ? {} : { route: wanted.route }),
  };
  await beforeWriting(record);
  const created = await putJobRecord(ports.objectStore, record);
  const standing = created ? record : await readJobRecord(ports.objectStore, wanted.id);
  if (standing === undefined) {
    throw new SwitchyardError('object_not_found', `the record of ${wanted.id} vanished`);
  }
  await list(ports, standing);
  return { job: sameRequest(standing, wanted), created };
}

function workersOf(ports: JobPorts, wanted: NewJob, shards: number): number {
  const { options, route } = wanted;
  // A worker without a shard would load the model for nothing. The caller's number is a limit for the
  // router, which may take fewer, and stands where no router decides.
  return Math.min(shards, route?.workers ?? options.workers ?? ports.settings.workers);
}

function within(pool: WorkerPools[number], shards: number): WorkerPools[number] {
  return { ...pool, workers: Math.min(shards, pool.workers) };
}

/** Each kind of processor by the lane that stands for it. */
function mixedOf(ports: JobPorts, { model, route }: NewJob): Pick<JobRecord, 'mixed'> {
  if (route?.mixed !== true) return {};
  const lanes = ['cpu-fleet', 'gpu-on-demand'] as const;
  const mixed = lanes.map((lane) => {
    const { variant, sha256, provider } = ports.catalogue.describe(model, lane);
    return { processor: processorOf(lane), variant, sha256, provider };
  });
  return { mixed };
}

function sameRequest(job: JobRecord, wanted: NewJob): JobRecord {
  if (job.requestSha256 === wanted.requestSha256) return job;
  throw new SwitchyardError(
    'idempotency_key_reused',
    'this Idempotency-Key was used with another body; send the same body or a new key',
  );
}

/** Puts a job on the listings. Active first: only what is active can be finished after a crash. */
async function list(ports: JobPorts, job: JobRecord): Promise<void> {
  if ((await ports.objectStore.head(jobKeys.end(job.id))) === undefined) {
    await ports.objectStore.putIfAbsent(jobKeys.active(job.id), new Uint8Array(0));
  }
  const indexKey = jobKeys.index(job.tenant, Date.parse(job.createdAt), job.id);
  await ports.objectStore.putIfAbsent(indexKey, new Uint8Array(0));
}

const ownerSchema = z.strictObject({ jobId: z.string() });

async function ownOutputPrefix(ports: JobPorts, wanted: NewJob): Promise<string> {
  const key = jobKeys.outputOwner(wanted.outputPrefix);
  await ports.objectStore.putIfAbsent(key, encodeJson({ jobId: wanted.id }));
  const owner = await readJsonObject(ports.objectStore, key, ownerSchema);
  if (owner?.jobId === wanted.id) return wanted.outputPrefix;
  return `${wanted.outputPrefix.slice(0, -1)}@${wanted.id}/`;
}
