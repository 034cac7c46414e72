import { jobEndSchema } from '#core/jobs/job-end.ts';
import { dueAtMillisOf, jobIdOf, jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { JobPorts } from '../job-ports.ts';
import { readJobHead } from '../records/job-records.ts';
import { isDamaged, readUndamagedJson } from '../records/read-json-object.ts';
import { decideNextRun, readRun } from '../records/read-run.ts';
import { readEnd } from './end-job.ts';

export interface ExpiryLimits {
  /** How long a finished job can be asked about, in milliseconds. */
  readonly retentionMillis: number;
  /**
   * Most objects that one call removes.
   *
   * @default 1000
   */
  readonly maxRemovals?: number;
}

const defaults = { maxRemovals: 1_000 } as const;

/** How long a dropped file that still lies in the drop zone keeps its job known. */
const LOOK_AGAIN_MILLIS = 86_400_000;

/** Puts an ended job on the list of what falls due, first what only its workers needed. */
export async function scheduleExpiry(
  ports: Pick<JobPorts, 'objectStore' | 'limits'>,
  jobId: string,
  endedAtMillis: number,
): Promise<void> {
  // Links to partial results, handed out just before the end, keep their promise.
  const dueAtMillis = endedAtMillis + ports.limits.linkSeconds * 1_000;
  await ports.objectStore.putIfAbsent(jobKeys.expiry(dueAtMillis, jobId), new Uint8Array(0));
}

/**
 * Removes what is due, a bounded number of objects per call. A completed job loses parts, claims and
 * its copy of the input soon; a failed or cancelled one keeps them for a resume until the
 * retention is over. Then the records go too. Results in the outbox stay, active jobs are not touched.
 */
export async function expireJobs(ports: JobPorts, limits: ExpiryLimits): Promise<number> {
  const { retentionMillis, maxRemovals } = { ...defaults, ...limits };
  const nowMillis = ports.clock.epochMillis();
  let removed = 0;
  for (const key of await dueEntries(ports.objectStore, nowMillis)) {
    if (removed >= maxRemovals) break;
    const budget = { nowMillis, retentionMillis, maxRemovals: maxRemovals - removed };
    removed += await expireJob(ports, key, budget);
  }
  return removed;
}

async function dueEntries(objectStore: ObjectStore, nowMillis: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objectStore.list(jobKeys.expiries)) {
    if (dueAtMillisOf(key) > nowMillis || keys.length >= 100) break;
    keys.push(key);
  }
  return keys;
}

interface Budget {
  readonly nowMillis: number;
  readonly retentionMillis: number;
  readonly maxRemovals: number;
}

async function expireJob(ports: JobPorts, entry: string, budget: Budget): Promise<number> {
  const { objectStore } = ports;
  const jobId = jobIdOf(entry);
  const job = await readJobHead(objectStore, jobId).catch((error: unknown): 'damaged' => {
    if (isDamaged(error)) return 'damaged';
    throw error;
  });
  if (job === 'damaged') return await expireDamagedJob(objectStore, entry, budget);
  // An earlier removal was cut off after the record that makes it a job.
  if (job === undefined) return await removeRest(objectStore, jobId, entry);
  const { ordinal: run } = await readRun(objectStore, jobId);
  const end = await readEnd(objectStore, { job, run });
  // Resumed: the end of the new run makes an entry of its own.
  if (end === undefined || (await isActive(objectStore, jobId))) {
    await objectStore.delete(entry);
    return 0;
  }
  const endOfRetention = Date.parse(end.endedAt) + budget.retentionMillis;
  const isOver = budget.nowMillis >= endOfRetention;
  if (end.status !== 'completed' && !isOver)
    return await postpone(objectStore, entry, endOfRetention);
  if (isOver && (await isStillDropped(ports, job))) {
    return await postpone(objectStore, entry, budget.nowMillis + LOOK_AGAIN_MILLIS);
  }
  // From here on nobody can resume it.
  const next = await decideNextRun(ports, { jobId, run: run + 1, kind: 'expired' });
  if (next !== 'expired') {
    await objectStore.delete(entry);
    return 0;
  }
  const work = await removeBelow(objectStore, `work/jobs/${jobId}/`, {
    max: budget.maxRemovals,
    keeps: (key) => isRecord(key, jobId),
  });
  if (!work.isAll) return work.removed;
  if (!isOver) return work.removed + (await postpone(objectStore, entry, endOfRetention));
  return work.removed + (await removeRecords(ports, job, entry));
}

/** See end-damaged-job.ts: it was ended with a record of its own. */
async function expireDamagedJob(
  objectStore: ObjectStore,
  entry: string,
  budget: Budget,
): Promise<number> {
  const jobId = jobIdOf(entry);
  const end = await readUndamagedJson(objectStore, jobKeys.end(jobId), jobEndSchema);
  const dueAtMillis = end === undefined ? 0 : Date.parse(end.endedAt) + budget.retentionMillis;
  if (budget.nowMillis < dueAtMillis) return await postpone(objectStore, entry, dueAtMillis);
  await removeFromIndex(objectStore, jobId);
  return await removeRest(objectStore, jobId, entry);
}

/** Its tenant is not known any more, so its place in the listing has to be looked for. */
async function removeFromIndex(objectStore: ObjectStore, jobId: string): Promise<void> {
  for await (const { key } of objectStore.list(jobKeys.indexes)) {
    if (jobIdOf(key) === jobId) await objectStore.delete(key);
  }
}

async function isActive(objectStore: ObjectStore, jobId: string): Promise<boolean> {
  for await (const _ of objectStore.list(jobKeys.active(jobId))) return true;
  return false;
}

/** Forgetting a drop whose file is still there would run it again after the next restart. */
async function isStillDropped(ports: JobPorts, job: JobHead): Promise<boolean> {
  if (job.source !== 'drop') return false;
  const key = `bucket/${job.input.uri.slice(`s3://${ports.settings.bucketName}/`.length)}`;
  return (await ports.inputSnapshots.version(key)) !== undefined;
}

async function postpone(objectStore: ObjectStore, entry: string, dueAtMillis: number): Promise<0> {
  await objectStore.putIfAbsent(jobKeys.expiry(dueAtMillis, jobIdOf(entry)), new Uint8Array(0));
  await objectStore.delete(entry);
  return 0;
}

/** What answers questions about a finished job: small files directly in its folder, and its runs. */
function isRecord(key: string, jobId: string): boolean {
  const name = key.slice(`work/jobs/${jobId}/`.length);
  return name.startsWith('runs/') || /^(job|end|cancel|webhook)[-\d]*\.json$/.test(name);
}

async function removeRecords(ports: JobPorts, job: JobHead, entry: string): Promise<number> {
  const { objectStore } = ports;
  await objectStore.delete(jobKeys.index(job.tenant, Date.parse(job.createdAt), job.id));
  const { prefix } = job.output;
  // While the output is there its folder is taken, or the next drop of that name would meet it.
  const isEmpty =
    (await objectStore.head(prefix + outputFiles.results)) === undefined &&
    (await objectStore.head(prefix + outputFiles.failed)) === undefined;
  if (isEmpty) await objectStore.delete(jobKeys.outputOwner(prefix));
  await objectStore.delete(jobKeys.record(job.id));
  return 1 + (await removeRest(objectStore, job.id, entry));
}

async function removeRest(objectStore: ObjectStore, jobId: string, entry: string): Promise<number> {
  const options = { max: Infinity, keeps: () => false };
  const { removed } = await removeBelow(objectStore, `work/jobs/${jobId}/`, options);
  // Last: as long as it is there, a removal that was cut off is taken up again.
  await objectStore.delete(entry);
  return removed;
}

async function removeBelow(
  objectStore: ObjectStore,
  prefix: string,
  options: { readonly max: number; readonly keeps: (key: string) => boolean },
): Promise<{ readonly removed: number; readonly isAll: boolean }> {
  const keys: string[] = [];
  let isAll = true;
  for await (const { key } of objectStore.list(prefix)) {
    if (options.keeps(key)) continue;
    if (keys.length >= options.max) {
      isAll = false;
      break;
    }
    keys.push(key);
  }
  for (const key of keys) await objectStore.delete(key);
  return { removed: keys.length, isAll };
}
