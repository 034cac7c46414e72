import {
  MAX_IDLE_SUBMISSIONS,
  type SubmissionRecord,
  submissionRecordSchema,
} from '#core/jobs/job-end.ts';
import { jobIdOf, jobKeys } from '#core/jobs/job-keys.ts';
import { type JobRecord, jobRecordSchema } from '#core/jobs/job-record.ts';
import type { SubmissionState } from '#core/ports/job-queue.ts';
import { endJob, failJob, finishEnd, readEnd } from './end-job.ts';
import type { JobPorts } from './job-ports.ts';
import { readPlan } from './plan-job.ts';
import { type Committed, readCommitted } from './read-committed.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';

/** The jobs that have not ended, as far as is known. */
export async function listActiveJobs(ports: JobPorts): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of ports.objectStore.list(jobKeys.actives)) ids.push(jobIdOf(key));
  return ids;
}

/**
 * Brings one job a step towards its end, from its objects and the queue alone: finishes what has
 * ended, ends what was cancelled, submits what has no worker. Safe to call at any time, any number of
 * times, so a lost event strands nothing.
 */
export async function reconcileJob(ports: JobPorts, jobId: string): Promise<void> {
  const job = await readJsonObject(ports.objectStore, jobKeys.record(jobId), jobRecordSchema);
  if (job === undefined) return await ports.objectStore.delete(jobKeys.active(jobId));
  const submissions = await listSubmissions(ports, jobId);
  const end = await readEnd(ports.objectStore, jobId);
  if (end !== undefined) {
    await terminateAll(ports, submissions, `the job is ${end.status}`);
    return await finishEnd(ports.objectStore, job, end);
  }
  if ((await ports.objectStore.head(jobKeys.cancel(jobId))) !== undefined) {
    return await finishCancel(ports, job, submissions);
  }
  await ensureWorkers(ports, job, submissions);
}

async function finishCancel(
  ports: JobPorts,
  job: JobRecord,
  submissions: readonly SubmissionRecord[],
): Promise<void> {
  await terminateAll(ports, submissions, 'the job was cancelled');
  const { total, completed, failed } = await progress(ports, job);
  const counts = { total, completed, failed };
  await endJob(ports, job, { status: 'cancelled', counts, error: null });
}

async function terminateAll(
  ports: JobPorts,
  submissions: readonly SubmissionRecord[],
  reason: string,
): Promise<void> {
  await Promise.all(submissions.map(({ name }) => ports.jobQueue.terminate(name, reason)));
}

async function listSubmissions(ports: JobPorts, jobId: string): Promise<SubmissionRecord[]> {
  const submissions: SubmissionRecord[] = [];
  for await (const { key } of ports.objectStore.list(jobKeys.submissions(jobId))) {
    const record = await readJsonObject(ports.objectStore, key, submissionRecordSchema);
    if (record !== undefined) submissions.push(record);
  }
  return submissions;
}

async function ensureWorkers(
  ports: JobPorts,
  job: JobRecord,
  submissions: readonly SubmissionRecord[],
): Promise<void> {
  const latest = submissions.at(-1);
  const state = latest && (await ports.jobQueue.describe(latest.name));
  if (state?.status === 'queued' || state?.status === 'running') return;
  const lastFailure = state?.status === 'failed' ? state : undefined;
  if (lastFailure !== undefined && isFinal(lastFailure)) {
    return await failJob(ports, job, {
      code: 'provider_unavailable',
      detail: `no worker could use provider ${job.provider}: ${lastFailure.reason}`,
    });
  }
  const { cells } = await progress(ports, job);
  if (isStuck(ports, submissions, cells)) {
    const why = lastFailure === undefined ? '' : `; the last one: ${lastFailure.reason}`;
    return await failJob(ports, job, {
      code: 'worker_failed',
      detail: `${MAX_IDLE_SUBMISSIONS} times in a row the workers ended without committing anything${why}`,
    });
  }
  await submit(ports, job, { ordinal: submissions.length + 1, committedCells: cells });
}

/** Exit code 64: the worker refused to start, and would again. */
function isFinal(state: SubmissionState & { status: 'failed' }): boolean {
  return state.exitCode === 64;
}

/** Only submissions of this start of the server count: a restart ends workers that did no wrong. */
function isStuck(
  ports: JobPorts,
  submissions: readonly SubmissionRecord[],
  committedCells: number,
): boolean {
  const recent = submissions.slice(-MAX_IDLE_SUBMISSIONS);
  if (recent.length < MAX_IDLE_SUBMISSIONS) return false;
  const { generation } = ports.settings;
  return recent.every(
    (submission) =>
      submission.generation === generation && submission.committedCells === committedCells,
  );
}

async function submit(
  ports: JobPorts,
  job: JobRecord,
  next: { readonly ordinal: number; readonly committedCells: number },
): Promise<void> {
  const name = `${job.id}-${next.ordinal}`;
  const { generation } = ports.settings;
  const { committedCells } = next;
  const record = { name, workers: job.workers, generation, committedCells };
  const key = jobKeys.submission(job.id, next.ordinal);
  // Whoever writes the intent submits; a crash right after it is healed at the next reconciliation,
  // where the queue does not know the name.
  if (!(await ports.objectStore.putIfAbsent(key, encodeJson(record)))) return;
  await ports.jobQueue.submit({
    name,
    workers: job.workers,
    environment: {
      SWITCHYARD_JOB: job.id,
      SWITCHYARD_PROVIDER: job.provider,
      SWITCHYARD_SUBMISSION: name,
      SWITCHYARD_ARRAY_SIZE: String(job.workers),
      SWITCHYARD_GENERATION: String(generation),
    },
  });
}

async function progress(ports: JobPorts, job: JobRecord): Promise<Committed> {
  return await readCommitted(ports.objectStore, job, await readPlan(ports.objectStore, job.id));
}
