import * as z from 'zod';
import { type JobEnd, jobEndSchema } from '#core/jobs/job-end.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { readCommitted } from '../records/read-committed.ts';
import {
  encodeJson,
  isDamaged,
  readJsonObject,
  readUndamagedJson,
} from '../records/read-json-object.ts';
import { readPlanSummary } from '../worker/plan-job.ts';

interface EndPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}

/** One run of a job: the first, or that of a resume. */
export interface RunningJob<Job extends JobHead = JobHead> {
  readonly job: Job;
  readonly run: number;
}

/** How a run of a job ended, or undefined while it has not. A damaged record still ends it. */
export async function readEnd(
  objectStore: ObjectStore,
  { job, run }: RunningJob,
): Promise<JobEnd | undefined> {
  try {
    return await readJsonObject(objectStore, jobKeys.end(job.id, run), jobEndSchema);
  } catch (error) {
    if (isDamaged(error)) return await recoverEnd(objectStore, job);
    throw error;
  }
}

const countedSchema = z.looseObject({ counts: jobEndSchema.shape.counts });

/**
 * What the output says about an end that cannot be read: completed where it is marked so. Else the run
 * counts as failed, which a resume cures: what was committed is still there.
 */
async function recoverEnd(objectStore: ObjectStore, job: JobHead): Promise<JobEnd> {
  const { prefix } = job.output;
  const isSuccess = (await objectStore.head(prefix + outputFiles.success)) !== undefined;
  const manifest = isSuccess
    ? await readUndamagedJson(objectStore, prefix + outputFiles.manifest, countedSchema)
    : undefined;
  // The time of the end is lost; the job is no older than this.
  const endedAt = job.createdAt;
  if (manifest !== undefined) {
    return { status: 'completed', endedAt, counts: manifest.counts, error: null };
  }
  const detail = 'the record of how this job ended is damaged; resume it, what was done counts';
  const counts = { total: 0, completed: 0, failed: 0 };
  return { status: 'failed', endedAt, counts, error: { code: 'corrupt_object', detail } };
}

/** Ends a run as failed, unless it has ended already. What was committed is counted and kept. */
export async function failJob(
  ports: EndPorts,
  work: RunningJob,
  error: { readonly code: string; readonly detail: string },
): Promise<void> {
  const { code, detail } = error;
  const progress = await readProgress(ports.objectStore, work.job);
  await endJob(ports, work, { status: 'failed', ...progress, error: { code, detail } });
}

/** What a terminal record says about rows, from what is committed and planned. */
export async function readProgress(
  objectStore: ObjectStore,
  job: JobHead,
): Promise<Pick<JobEnd, 'counts' | 'validation'>> {
  const plan = await readPlanSummary(objectStore, job.id);
  const { total, completed, failed } = await readCommitted(objectStore, job.id, plan);
  const counts = { total, completed, failed };
  return plan?.validation === undefined ? { counts } : { counts, validation: plan.validation };
}

/**
 * Writes the one terminal record of a run and marks the output. Of a completion, a failure and a
 * cancellation that race, the first one stands, and everybody marks that one.
 */
export async function endJob(
  ports: EndPorts,
  { job, run }: RunningJob,
  end: Omit<JobEnd, 'endedAt'>,
): Promise<void> {
  const endedAt = new Date(ports.clock.epochMillis()).toISOString();
  await ports.objectStore.putIfAbsent(jobKeys.end(job.id, run), encodeJson({ ...end, endedAt }));
  const standing = await readEnd(ports.objectStore, { job, run });
  if (standing !== undefined) await markOutput(ports.objectStore, job, standing);
}

/**
 * Marks the output folder, after the terminal record; repeatable. The reconciler comes here again
 * where a crash came in between, and takes the job off the active list.
 */
export async function markOutput(
  objectStore: ObjectStore,
  job: JobHead,
  end: JobEnd,
): Promise<void> {
  const { prefix } = job.output;
  if (end.status === 'completed') {
    // An earlier run may have failed.
    await objectStore.delete(prefix + outputFiles.failed);
    await objectStore.putIfAbsent(prefix + outputFiles.success, new Uint8Array(0));
  }
  if (end.status === 'failed') {
    const { error, validation } = end;
    const failure = {
      job_id: job.id,
      ...error,
      ...(validation === undefined ? {} : { validation }),
    };
    await objectStore.putIfAbsent(prefix + outputFiles.failed, encodeJson(failure));
  }
}

/** True once everybody can see how the run ended: terminal is only shown together with its mark. */
export async function isMarked(
  objectStore: ObjectStore,
  { job, run }: RunningJob,
  end: JobEnd,
): Promise<boolean> {
  // Written only after the workers were seen to have stopped, and it has no mark.
  if (end.status === 'cancelled') return true;
  const file = end.status === 'completed' ? outputFiles.success : outputFiles.failed;
  if ((await objectStore.head(job.output.prefix + file)) !== undefined) return true;
  // The owner may move the output away once the job is finished.
  return (await objectStore.head(jobKeys.active(job.id, run))) === undefined;
}
