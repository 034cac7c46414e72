import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { decideMove, type SpotJob, type SpotMove } from '#core/jobs/leave-spot.ts';
import { LOST_HOST } from '#core/jobs/retry-rules.ts';
import type { JobSafetyNet } from '#core/jobs/safety-net.ts';
import { laneOfWorker, usesSpot, type WorkerPools } from '#core/jobs/worker-pools.ts';
import type { WorkerState } from '#core/ports/job-queue.ts';
import type { JobPorts } from '../job-ports.ts';
import type { Committed } from '../records/read-committed.ts';
import { encodeJson } from '../records/read-json-object.ts';

/** For a job whose record has no net: an on-demand instance, where its start takes long. */
const START_SECONDS = 480;

/** A submission that waits or works. */
export interface LiveSubmission {
  readonly pools: WorkerPools;
  readonly workers: readonly WorkerState[] | undefined;
}

/** Where a job's workers run: as it was planned, or on its net instead of spot once it has left that. */
export async function poolsOf(
  { objectStore }: Pick<JobPorts, 'objectStore'>,
  job: JobHead,
): Promise<WorkerPools> {
  const planned = plannedPools(job);
  if (!usesSpot(planned)) return planned;
  return (await hasLeftSpot({ objectStore }, job)) ? afterSpot(job) : planned;
}

export function plannedPools(job: JobHead): WorkerPools {
  return job.pools ?? [{ lane: job.lane, workers: job.workers }];
}

/** Whether it was decided, at this look or an earlier one, that the job's net takes over. */
export async function hasLeftSpot(
  { objectStore }: Pick<JobPorts, 'objectStore'>,
  job: JobHead,
): Promise<boolean> {
  return (await objectStore.head(jobKeys.leftSpot(job.id))) !== undefined;
}

/**
 * Decides over a submission that runs on spot, and writes a move down before anything follows from it:
 * a look that is cut off, or one beside it, does what is left to do of the same move.
 */
export async function moveOffSpot(
  ports: Pick<JobPorts, 'objectStore' | 'clock'>,
  job: JobHead,
  now: { readonly submission: LiveSubmission; readonly committed: Committed },
): Promise<SpotMove | undefined> {
  const { submission, committed } = now;
  if (submission.workers === undefined || !usesSpot(submission.pools)) return undefined;
  const { workers, pools } = submission;
  // What works, in whatever lane, is not ended for the sake of what waits beside it.
  const spot = workers.some(isUp) ? 'goes-on' : 'ends';
  if (await hasLeftSpot(ports, job)) return { spot, reason: 'the job has left spot' };
  const seen = spotOf(pools, workers);
  const move = decideMove({ ...seen, ...progressOf(ports, job, committed) });
  if (move === undefined) return undefined;
  await ports.objectStore.putIfAbsent(jobKeys.leftSpot(job.id), encodeJson(move));
  return { ...move, spot };
}

function isUp({ status }: WorkerState): boolean {
  return status === 'RUNNING' || status === 'STARTING';
}

/** What is submitted beside workers that go on: the net's part alone. */
export function netPools(job: JobHead): WorkerPools {
  const { net } = job.route ?? {};
  const shards = Math.max(1, Math.ceil(job.input.sizeBytes / job.shardBytes));
  return plannedPools(job)
    .filter(({ lane }) => lane === 'gpu-spot')
    .map(({ workers }) => ({
      lane: net?.lane ?? 'gpu-on-demand',
      workers: Math.min(shards, net?.workers ?? workers),
    }));
}

/** A lane stands in a submission once at most. */
function afterSpot(job: JobHead): WorkerPools {
  const kept = plannedPools(job).filter(({ lane }) => lane !== 'gpu-spot');
  const workersByLane = new Map<WorkerPools[number]['lane'], number>();
  for (const { lane, workers } of [...netPools(job), ...kept]) {
    workersByLane.set(lane, (workersByLane.get(lane) ?? 0) + workers);
  }
  return [...workersByLane].map(([lane, workers]) => ({ lane, workers }));
}

function spotOf(
  pools: WorkerPools,
  workers: readonly WorkerState[],
): Pick<SpotJob, 'spot' | 'losses' | 'workers'> {
  const own = workers.filter(({ arrayIndex }) => laneOfWorker(pools, arrayIndex) === 'gpu-spot');
  const isAny = (wanted: WorkerState['status']) => own.some(({ status }) => status === wanted);
  const standing = isAny('STARTING') ? 'starts' : 'waits';
  return {
    spot: isAny('RUNNING') ? 'works' : standing,
    losses: own.reduce((sum, worker) => sum + lossesOf(worker), 0),
    workers: own.length,
  };
}

function lossesOf({ attempts }: WorkerState): number {
  return attempts.filter(({ statusReason }) => statusReason.startsWith(LOST_HOST)).length;
}

function progressOf(
  { clock }: Pick<JobPorts, 'clock'>,
  job: JobHead,
  { total, completed, failed }: Committed,
): Pick<SpotJob, 'elapsedSeconds' | 'leftShare' | 'net' | 'hasDeadline'> {
  return {
    elapsedSeconds: (clock.epochMillis() - Date.parse(job.createdAt)) / 1_000,
    leftShare: total === 0 ? 1 : (total - completed - failed) / total,
    // Over its tenant's budget, a job has no dearer way bought for its deadline.
    net: job.route?.budget === undefined ? (job.route?.net ?? assumedNet(job)) : undefined,
    hasDeadline: job.deadlineMs !== undefined,
  };
}

/** Undefined without a deadline: then it may wait for ever. */
function assumedNet({ deadlineMs, route, workers }: JobHead): JobSafetyNet | undefined {
  if (deadlineMs === undefined) return undefined;
  const runSeconds = route?.quote.finishSeconds ?? 0;
  return {
    lane: 'gpu-on-demand',
    workers,
    bySeconds: deadlineMs / 1_000,
    startSeconds: START_SECONDS,
    runSeconds,
    spotRunSeconds: runSeconds,
    spotSetupSeconds: 0,
    overheadSeconds: 0,
    lookSeconds: 0,
  };
}
