import {
  MAX_IDLE_SUBMISSIONS,
  MAX_LOST_SUBMISSIONS,
  type SubmissionRecord,
} from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { isLostWithHosts } from '#core/jobs/retry-rules.ts';
import type { SubmissionState } from '#core/ports/job-queue.ts';
import { failJob, type RunningJob } from '../finish/end-job.ts';
import type { JobPorts } from '../job-ports.ts';
import { readCommitted } from '../records/read-committed.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { readPlanSummary } from '../worker/plan-job.ts';
import { leaveSpot, poolsOf } from './leave-spot.ts';

/**
 * Submits a job that has no worker, unless that is pointless: no worker could start, or
 * submission after submission ended without a new cell; then it fails with the reason.
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
  if (state?.status === 'queued' || state?.status === 'running') {
    // The next look finds it ended and submits it elsewhere.
    await leaveSpot(ports, work.job, { name: latest?.name ?? '', state });
    return 'working';
  }
  if (latest !== undefined && state === undefined && isOfThisStart(ports, latest)) {
    // The intent was written, but the queue never took it: asked again, not counted as an attempt.
    await submit(ports, work, latest);
    return 'submitted';
  }
  if (state?.status === 'failed' && isFinal(state)) {
    await failJob(ports, work, {
      code: 'provider_unavailable',
      detail: `no worker could use provider ${work.job.provider}: ${state.reason}`,
    });
    return 'failed';
  }
  const plan = await readPlanSummary(ports.objectStore, work.job.id);
  const { cells } = await readCommitted(ports.objectStore, work.job.id, plan);
  const idle = idleAfter(ports, latest, { state, cells });
  const hopeless = whyHopeless(idle, state);
  if (hopeless !== undefined) {
    await failJob(ports, work, { code: 'worker_failed', detail: hopeless });
    return 'failed';
  }
  const ordinal = submissions.all.length + 1;
  return await submitNew(ports, work, { ordinal, committedCells: cells, idle });
}

type Idle = NonNullable<SubmissionRecord['idle']>;

/**
 * Submissions in a row that added nothing, the latest one included. Only those of this start of the
 * server count: a restart ends workers that did no wrong.
 */
function idleAfter(
  ports: JobPorts,
  latest: SubmissionRecord | undefined,
  now: { readonly state: SubmissionState | undefined; readonly cells: number },
): Idle {
  const none: Idle = { own: 0, lost: 0 };
  if (latest === undefined || !isOfThisStart(ports, latest)) return none;
  if (latest.committedCells !== now.cells) return none;
  const { own, lost } = latest.idle ?? none;
  const wasLost = now.state?.status === 'failed' && isLostWithHosts(now.state);
  return wasLost ? { own, lost: lost + 1 } : { own: own + 1, lost };
}

function whyHopeless(idle: Idle, state: SubmissionState | undefined): string | undefined {
  const last = state?.status === 'failed' ? `; the last one: ${state.reason}` : '';
  if (idle.own >= MAX_IDLE_SUBMISSIONS) {
    return `${idle.own} times the workers ended without committing anything${last}`;
  }
  if (idle.lost < MAX_LOST_SUBMISSIONS) return undefined;
  return (
    `${idle.lost} times all workers were lost with their hosts before they had committed anything: ` +
    `the capacity does not last as long as one cell${last}. Resume the job when there is more of it, ` +
    'or submit it again with another lane'
  );
}

/** A local queue forgets everything at a restart; then a new submission is due. */
function isOfThisStart(ports: JobPorts, submission: SubmissionRecord): boolean {
  return submission.generation === ports.settings.generation;
}

/** Exit code 64: the worker refused to start, and would again. */
function isFinal(state: SubmissionState & { status: 'failed' }): boolean {
  return state.exitCode === 64;
}

async function submitNew(
  ports: JobPorts,
  { job, run }: RunningJob,
  next: { readonly ordinal: number; readonly committedCells: number; readonly idle: Idle },
): Promise<'submitted'> {
  const { ordinal, committedCells, idle } = next;
  const { generation } = ports.settings;
  const name = `${job.id}-${ordinal}`;
  const record = { name, run, workers: job.workers, generation, committedCells, idle };
  const key = jobKeys.submission(job.id, ordinal);
  // Whoever writes the intent submits; a crash right after it is healed at the next reconciliation,
  // where the queue does not know the name.
  const isFirst = await ports.objectStore.putIfAbsent(key, encodeJson(record));
  if (isFirst) await submit(ports, { job, run }, record);
  return 'submitted';
}

/**
 * Idempotent by name. Nothing is started once the job was cancelled: that may have happened since the
 * look that led here, and what the queue never got needs no stopping.
 */
async function submit(
  ports: JobPorts,
  { job, run }: RunningJob,
  { name, workers, generation }: SubmissionRecord,
): Promise<void> {
  if ((await ports.objectStore.head(jobKeys.cancel(job.id, run))) !== undefined) return;
  await ports.jobQueue.submit({
    name,
    workers,
    pools: await poolsOf(ports, job),
    environment: {
      SWITCHYARD_JOB: job.id,
      SWITCHYARD_PROVIDER: job.provider,
      SWITCHYARD_SUBMISSION: name,
      SWITCHYARD_ARRAY_SIZE: String(workers),
      SWITCHYARD_GENERATION: String(generation),
    },
  });
}
