import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { whyLeaveSpot } from '#core/jobs/leave-spot.ts';
import { LOST_HOST } from '#core/jobs/retry-rules.ts';
import type { SubmissionState, WorkerPool, WorkerState } from '#core/ports/job-queue.ts';
import type { JobPorts } from '../job-ports.ts';
import { readCommitted } from '../records/read-committed.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { readPlanSummary } from '../worker/plan-job.ts';

/** From a request to an on-demand instance at work, where it takes long. */
const START_MILLIS = 480_000;

/** Where a job's workers run: as it was planned, on demand instead of on spot once it has left that. */
export async function poolsOf(
  ports: Pick<JobPorts, 'objectStore'>,
  job: JobHead,
): Promise<readonly WorkerPool[]> {
  const planned = plannedPools(job);
  if (!usesSpot(planned)) return planned;
  const hasLeft = (await ports.objectStore.head(jobKeys.leftSpot(job.id))) !== undefined;
  return hasLeft ? withoutSpot(planned) : planned;
}

/**
 * Ends a submission that waits for spot instances in vain, so that the next one runs on demand. True
 * where it did; what is committed stays. One of which an instance works is left alone.
 */
export async function leaveSpot(
  ports: JobPorts,
  job: JobHead,
  submission: { readonly name: string; readonly state: SubmissionState },
): Promise<boolean> {
  const { workers } = submission.state;
  if (workers === undefined || workers.some(isWorking)) return false;
  if (!usesSpot(await poolsOf(ports, job))) return false;
  const reason = whyLeaveSpot({
    losses: workers.reduce((sum, worker) => sum + lossesOf(worker), 0),
    workers: workers.length,
    leftMillis: leftMillis(ports, job),
    neededMillis: await neededMillis(ports, job),
  });
  if (reason === undefined) return false;
  // First the mark: whoever finds the submission ended goes on without spot.
  await ports.objectStore.putIfAbsent(jobKeys.leftSpot(job.id), encodeJson({ reason }));
  await ports.jobQueue.terminate(submission.name, `the job goes on with on-demand: ${reason}`);
  return true;
}

function plannedPools(job: JobHead): readonly WorkerPool[] {
  return job.pools ?? [{ lane: job.lane, workers: job.workers }];
}

function usesSpot(pools: readonly WorkerPool[]): boolean {
  return pools.some(({ lane }) => lane === 'gpu-spot');
}

/** A lane stands in a submission once at most. */
function withoutSpot(pools: readonly WorkerPool[]): readonly WorkerPool[] {
  const workersByLane = new Map<WorkerPool['lane'], number>();
  for (const { lane, workers } of pools) {
    const kept = lane === 'gpu-spot' ? 'gpu-on-demand' : lane;
    workersByLane.set(kept, (workersByLane.get(kept) ?? 0) + workers);
  }
  return [...workersByLane].map(([lane, workers]) => ({ lane, workers }));
}

function isWorking({ status }: WorkerState): boolean {
  return status === 'RUNNING' || status === 'STARTING';
}

function lossesOf({ attempts }: WorkerState): number {
  return attempts.filter(({ statusReason }) => statusReason.startsWith(LOST_HOST)).length;
}

function leftMillis({ clock }: JobPorts, job: JobHead): number | undefined {
  // Over its tenant's budget, a job has no dearer way bought for its deadline.
  if (job.deadlineMs === undefined || job.route?.budget !== undefined) return undefined;
  return Date.parse(job.createdAt) + job.deadlineMs - clock.epochMillis();
}

/** The start, and the share of the quoted time for rows that are not done. */
async function neededMillis(ports: JobPorts, job: JobHead): Promise<number> {
  if (job.deadlineMs === undefined) return 0;
  const plan = await readPlanSummary(ports.objectStore, job.id);
  const { total, completed, failed } = await readCommitted(ports.objectStore, job.id, plan);
  const leftShare = total === 0 ? 1 : (total - completed - failed) / total;
  return START_MILLIS + leftShare * (job.route?.quote.finishSeconds ?? 0) * 1_000;
}
