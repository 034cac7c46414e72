import {
  MAX_IDLE_SUBMISSIONS,
  MAX_LOST_SUBMISSIONS,
  type SubmissionRecord,
} from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { pinnedFor } from '#core/jobs/mixed-job.ts';
import { lackedCapacity } from '#core/jobs/retry-rules.ts';
import { usesSpot, type WorkerPools, workersIn } from '#core/jobs/worker-pools.ts';
import type { SubmissionState, WorkerPool } from '#core/ports/job-queue.ts';
import { failJob, type RunningJob } from '../finish/end-job.ts';
import type { JobPorts } from '../job-ports.ts';
import { readCommitted } from '../records/read-committed.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { readPlanSummary } from '../worker/plan-job.ts';
import { hasLeftSpot, moveOffSpot, netPools, plannedPools, poolsOf } from './leave-spot.ts';

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
  const ordinal = submissions.all.length + 1;
  if (latest !== undefined && isLive(state)) {
    return await tendLive(ports, work, { latest, state, ordinal });
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
  const left = latest?.beside === true ? await liveBefore(ports, submissions.ofRun) : undefined;
  if (left?.isWorking === true) return 'working';
  if (left !== undefined) await ports.jobQueue.terminate(left.name, 'the job has left spot');
  const next = { ordinal, committedCells: cells, idle };
  return await submitNew(ports, work, { ...next, pools: await poolsOf(ports, work.job) });
}

function isLive(state: SubmissionState | undefined): state is SubmissionState {
  return state?.status === 'queued' || state?.status === 'running';
}

/** Workers that wait or work are left alone, unless what waits for spot must go to the job's net. */
async function tendLive(
  ports: JobPorts,
  work: RunningJob,
  live: {
    readonly latest: SubmissionRecord;
    readonly state: SubmissionState;
    readonly ordinal: number;
  },
): Promise<'submitted' | 'working'> {
  const { job } = work;
  const { latest, state, ordinal } = live;
  const pools = latest.pools ?? plannedPools(job);
  // Records without their lanes are of a version that moved a job by submitting it anew.
  if (!usesSpot(pools) || (latest.pools === undefined && (await hasLeftSpot(ports, job)))) {
    return 'working';
  }
  const plan = await readPlanSummary(ports.objectStore, job.id);
  const committed = await readCommitted(ports.objectStore, job.id, plan);
  const submission = { pools, workers: state.workers };
  const move = await moveOffSpot(ports, job, { submission, committed });
  if (move === undefined) return 'working';
  const next = { ordinal, committedCells: committed.cells, idle: { own: 0, lost: 0 } };
  if (move.spot === 'goes-on') {
    return await submitNew(ports, work, { ...next, pools: netPools(job), beside: true });
  }
  const after = await poolsOf(ports, job);
  const lanes = after.map(({ lane }) => lane).join(' and ');
  await ports.jobQueue.terminate(latest.name, `the job goes on in ${lanes}: ${move.reason}`);
  // Nothing of it worked, so nobody's claim is taken while its end is on its way.
  return await submitNew(ports, work, { ...next, pools: after });
}

/** An earlier submission of the run that still waits or works, the latest of them. */
async function liveBefore(
  ports: JobPorts,
  ofRun: readonly SubmissionRecord[],
): Promise<{ readonly name: string; readonly isWorking: boolean } | undefined> {
  for (const { name } of ofRun.slice(0, -1).reverse()) {
    const state = await ports.jobQueue.describe(name);
    if (!isLive(state)) continue;
    const isWorking = state.workers?.some(({ status }) => status === 'RUNNING') ?? true;
    return { name, isWorking };
  }
  return undefined;
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
  const wasLost = now.state?.status === 'failed' && lackedCapacity(now.state);
  return wasLost ? { own, lost: lost + 1 } : { own: own + 1, lost };
}

function whyHopeless(idle: Idle, state: SubmissionState | undefined): string | undefined {
  const last = state?.status === 'failed' ? `; the last one: ${state.reason}` : '';
  if (idle.own >= MAX_IDLE_SUBMISSIONS) {
    return `${idle.own} times the workers ended without committing anything${last}`;
  }
  if (idle.lost < MAX_LOST_SUBMISSIONS) return undefined;
  return (
    `${idle.lost} times all workers were lost with their hosts, or got none, before they had committed anything: ` +
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
  next: Pick<SubmissionRecord, 'committedCells' | 'beside'> & {
    readonly ordinal: number;
    readonly idle: Idle;
    readonly pools: WorkerPools;
  },
): Promise<'submitted'> {
  const { ordinal, ...rest } = next;
  const { generation } = ports.settings;
  const name = `${job.id}-${ordinal}`;
  const record = { name, run, workers: workersIn(next.pools), generation, ...rest };
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
  { name, workers, generation, pools, beside }: SubmissionRecord,
): Promise<void> {
  if ((await ports.objectStore.head(jobKeys.cancel(job.id, run))) !== undefined) return;
  await ports.jobQueue.submit({
    name,
    workers,
    pools: (pools ?? (await poolsOf(ports, job))).map((pool) => equipped(pool, job)),
    environment: {
      SWITCHYARD_JOB: job.id,
      SWITCHYARD_PROVIDER: job.provider,
      SWITCHYARD_SUBMISSION: name,
      SWITCHYARD_ARRAY_SIZE: String(workers),
      SWITCHYARD_GENERATION: String(generation),
      ...(beside === true ? { SWITCHYARD_BESIDE: '1' } : {}),
    },
  });
}

/** What workers of one lane are told besides. */
function equipped(pool: WorkerPools[number], job: JobHead): WorkerPool {
  if (job.mixed === undefined) return pool;
  const { provider } = pinnedFor(job, pool.lane);
  const instances = job.pools?.find(({ lane }) => lane === 'gpu-on-demand')?.workers;
  const isBridge = job.route?.fleetLeaves === true && pool.lane === 'cpu-fleet';
  const leaves =
    isBridge && instances !== undefined ? { SWITCHYARD_LEAVES_TO: String(instances) } : {};
  return { ...pool, environment: { SWITCHYARD_PROVIDER: provider, ...leaves } };
}
