import { type JobCounts, type JobEnd, jobEndSchema } from '#core/jobs/job-end.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';

interface EndPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}

/** How the job ended, or undefined while it has not. */
export function readEnd(objectStore: ObjectStore, jobId: string): Promise<JobEnd | undefined> {
  return readJsonObject(objectStore, jobKeys.end(jobId), jobEndSchema);
}

/** Ends a job as failed, unless it has ended already. */
export async function failJob(
  ports: EndPorts,
  job: JobRecord,
  error: { readonly code: string; readonly detail: string },
): Promise<void> {
  const counts: JobCounts = { total: 0, completed: 0, failed: 0 };
  const { code, detail } = error;
  await endJob(ports, job, { status: 'failed', counts, error: { code, detail } });
}

/**
 * Writes the one terminal record and what follows from it. Of a completion, a failure and a
 * cancellation that race, the first one stands, and everybody finishes that one.
 */
export async function endJob(
  ports: EndPorts,
  job: JobRecord,
  end: Omit<JobEnd, 'endedAt'>,
): Promise<void> {
  const endedAt = new Date(ports.clock.epochMillis()).toISOString();
  await ports.objectStore.putIfAbsent(jobKeys.end(job.id), encodeJson({ ...end, endedAt }));
  const standing = await readEnd(ports.objectStore, job.id);
  if (standing !== undefined) await finishEnd(ports.objectStore, job, standing);
}

/**
 * The steps after the terminal record, each repeatable: marks the output, then takes the job off the
 * active list. A crash in between leaves the job active, and the reconciler comes here again.
 */
export async function finishEnd(
  objectStore: ObjectStore,
  job: JobRecord,
  end: JobEnd,
): Promise<void> {
  if (end.status === 'completed') {
    await objectStore.putIfAbsent(job.output.prefix + outputFiles.success, new Uint8Array(0));
  }
  if (end.status === 'failed') {
    const failure = encodeJson({ job_id: job.id, ...end.error });
    await objectStore.putIfAbsent(job.output.prefix + outputFiles.failed, failure);
  }
  await objectStore.delete(jobKeys.active(job.id));
}
