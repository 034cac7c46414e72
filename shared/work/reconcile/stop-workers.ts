import { type SubmissionRecord, submissionRecordSchema } from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { JobPorts } from '../job-ports.ts';
import { readUndamagedJson } from '../records/read-json-object.ts';

/** Every submission of a job, of all its runs, in the order in which they were made. */
export async function listSubmissions(
  objectStore: ObjectStore,
  jobId: string,
): Promise<SubmissionRecord[]> {
  const submissions: SubmissionRecord[] = [];
  for await (const { key } of objectStore.list(jobKeys.submissions(jobId))) {
    const record = await readUndamagedJson(objectStore, key, submissionRecordSchema);
    submissions.push(record ?? damagedSubmission(jobId, submissions));
  }
  return submissions;
}

/**
 * Stands in for a record that cannot be read, so that it keeps its place in the numbering. Its name
 * follows from its place, so its workers are still found; generation 0 never counts as a failed try.
 */
function damagedSubmission(jobId: string, before: readonly SubmissionRecord[]): SubmissionRecord {
  const name = `${jobId}-${before.length + 1}`;
  return { name, run: before.at(-1)?.run ?? 0, workers: 1, generation: 0, committedCells: 0 };
}

/** Terminates everything a job started. True once the queue says that none of it runs or waits. */
export async function stopWorkers(
  ports: JobPorts,
  jobId: string,
  reason: string,
): Promise<boolean> {
  const submissions = await listSubmissions(ports.objectStore, jobId);
  const stopped = await Promise.all(
    submissions.map(async ({ name }) => {
      await ports.jobQueue.terminate(name, reason);
      const state = await ports.jobQueue.describe(name);
      return state?.status !== 'queued' && state?.status !== 'running';
    }),
  );
  return stopped.every(Boolean);
}
