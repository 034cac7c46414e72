import { MAX_IDLE_SUBMISSIONS, type SubmissionRecord } from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import type { SubmissionState } from '#core/ports/job-queue.ts';
import { failJob, type RunningJob } from './end-job.ts';
import type { JobPorts } from './job-ports.ts';
import { readPlanSummary } from './plan-job.ts';
import { readCommitted } from './read-committed.ts';
import { encodeJson } from './read-json-object.ts';

/**
 * Submits a job that has no worker, unless that is pointless: no worker could start, or five
 * submissions in a row ended without a new cell; then it fails with the reason.
 */
export async function ensureWorkers(
  ports: JobPorts,
  work: RunningJob,
  submissions: {
    /** Of every run: their ordinals go on. */
    readonly all: readonly SubmissionRecord[];
    readonly ofRun: readonly SubmissionRecord[];
  },
): Promise<'submitted' | 'working' | 'failed'> {
  const latest = submissions.ofRun.at(-1);
  const state = latest && (await ports.jobQueue.describe(latest.name));
  if (state?.status === 'queued' || state?.status === 'running') return 'working';
  if (latest !== undefined && state === undefined && isOfThisStart(ports, latest)) {
    // The intent was written, but the queue never took it: asked again, not counted as an attempt.
    await submit(ports, work.job, latest);
    return 'submitted';
  }
  const lastFailure = state?.status === 'failed' ? state : undefined;
  if (lastFailure !== undefined && isFinal(lastFailure)) {
    await failJob(ports, work, {
      code: 'provider_unavailable',
      detail: `no worker could use provider ${work.job.provider}: ${lastFailure.reason}`,
    });
    return 'failed';
  }
  const plan = await readPlanSummary(ports.objectStore, work.job.id);
  const { cells } = await readCommitted(ports.objectStore, work.job.id, plan);
  if (isStuck(ports, submissions.ofRun, cells)) {
    const why = lastFailure === undefined ? '' : `; the last one: ${lastFailure.reason}`;
    await failJob(ports, work, {
      code: 'worker_failed',
      detail: `${MAX_IDLE_SUBMISSIONS} times in a row the workers ended without committing anything${why}`,
    });
    return 'failed';
  }
  const ordinal = submissions.all.length + 1;
  return await submitNew(ports, work, { ordinal, committedCells: cells });
}

/** A local queue forgets everything at a restart; then a new submission is due. */
function isOfThisStart(ports: JobPorts, submission: SubmissionRecord): boolean {
  return submission.generation === ports.settings.generation;
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
  return recent.every(
    (submission) =>
      isOfThisStart(ports, submission) && submission.committedCells === committedCells,
  );
}

async function submitNew(
  ports: JobPorts,
  { job, run }: RunningJob,
  next: { readonly ordinal: number; readonly committedCells: number },
): Promise<'submitted'> {
  const { ordinal, committedCells } = next;
  const { generation } = ports.settings;
  const name = `${job.id}-${ordinal}`;
  const record = { name, run, workers: job.workers, generation, committedCells };
  const key = jobKeys.submission(job.id, ordinal);
  // Whoever writes the intent submits; a crash right after it is healed at the next reconciliation,
  // where the queue does not know the name.
  const isFirst = await ports.objectStore.putIfAbsent(key, encodeJson(record));
  if (isFirst) await submit(ports, job, record);
  return 'submitted';
}

/** Idempotent by name. */
async function submit(
  ports: JobPorts,
  job: JobHead,
  { name, workers, generation }: SubmissionRecord,
): Promise<void> {
  await ports.jobQueue.submit({
    name,
    workers,
    pools: job.pools ?? [{ lane: job.lane, workers }],
    environment: {
      SWITCHYARD_JOB: job.id,
      SWITCHYARD_PROVIDER: job.provider,
      SWITCHYARD_SUBMISSION: name,
      SWITCHYARD_ARRAY_SIZE: String(workers),
      SWITCHYARD_GENERATION: String(generation),
    },
  });
}
