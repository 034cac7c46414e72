import type { Lane } from '#core/contract/lane.ts';
import type { AttemptEnd } from '#core/jobs/retry-rules.ts';
import { laneOfWorker } from '#core/jobs/worker-pools.ts';
import { processorOf } from '#core/models/lane-files.ts';
import type {
  SubmissionState,
  WorkerState,
  WorkerStatus,
  WorkerSubmission,
} from '#core/ports/job-queue.ts';
import type { PlacedWorker } from './process-queue-options.ts';
import type { WorkerProcess } from './start-worker-process.ts';
import type { WorkerTry } from './worker-submission.ts';

/** A submission that has not ended. */
export interface QueuedSubmission extends WorkerSubmission {
  /** In the order in which they start; tried-again ones come first. */
  readonly waiting: WaitingTry[];
  readonly running: Set<RunningWorker>;
  /** One per array index. */
  readonly records: readonly WorkerRecord[];
  hasStarted: boolean;
  /** What ends it early; its state once no worker of it runs. */
  failure: FailedState | undefined;
  /** Set while it waits for capacity and nothing of it runs. */
  limitTimer: NodeJS.Timeout | undefined;
  readonly ended: PromiseWithResolvers<void>;
}

export type FailedState = Extract<SubmissionState, { readonly status: 'failed' }>;

export interface WaitingTry extends WorkerTry {
  /** When there will be an instance for it, on the monotonic clock. */
  readonly eligibleAtMillis: number;
}

export interface RunningWorker extends PlacedWorker {
  readonly process: WorkerProcess;
  readonly lane: Lane | undefined;
  isReclaimed: boolean;
}

interface WorkerRecord {
  status: WorkerStatus;
  statusReason: string | undefined;
  readonly attempts: AttemptEnd[];
}

export function queueSubmission(
  submission: WorkerSubmission,
  eligibleAtMillis: number,
): QueuedSubmission {
  const indexes = Array.from({ length: submission.workers }, (_, arrayIndex) => arrayIndex);
  return {
    ...submission,
    waiting: indexes.map((arrayIndex) => ({
      arrayIndex,
      attempt: 1,
      eligibleAtMillis: startsAtOnce(submission, arrayIndex) ? 0 : eligibleAtMillis,
    })),
    running: new Set(),
    records: indexes.map(() => ({ status: 'SUBMITTED', statusReason: undefined, attempts: [] })),
    hasStarted: false,
    failure: undefined,
    limitTimer: undefined,
    ended: Promise.withResolvers(),
  };
}

/** Beside workers that wait for instances, those of a fleet do not: that is what they are there for. */
export function startsAtOnce({ pools = [] }: WorkerSubmission, arrayIndex: number): boolean {
  return pools.length > 1 && laneOfWorker(pools, arrayIndex) === 'cpu-fleet';
}

/** True where a spot market cannot take the worker's instance, or refuse it one. */
function isOnDemand({ pools = [] }: WorkerSubmission, arrayIndex: number): boolean {
  return laneOfWorker(pools, arrayIndex) === 'gpu-on-demand';
}

/** Whether there is an instance for a try now, where a spot market has `free` of them. */
export function hasInstance(
  submission: WorkerSubmission,
  { arrayIndex, eligibleAtMillis }: WaitingTry,
  free: number,
): boolean {
  if (eligibleAtMillis > performance.now()) return false;
  return free > 0 || isOnDemand(submission, arrayIndex);
}

/** Those whose instances can be taken away; one that is being taken away still has its own. */
export function onMarket(running: Iterable<RunningWorker>): readonly RunningWorker[] {
  return [...running].filter(({ lane }) => lane !== 'gpu-on-demand');
}

/** Whether a try may start now: GPU lanes stand for other machines, so their workers count apart. */
export function mayStart(
  submission: WorkerSubmission,
  workerTry: WaitingTry,
  room: {
    readonly running: ReadonlySet<RunningWorker>;
    readonly maxProcesses: number;
    readonly capacity: number;
  },
): boolean {
  const { running, maxProcesses, capacity } = room;
  const isGpu = (lane: Lane = 'cpu') => processorOf(lane) === 'gpu';
  const own = isGpu(laneOfWorker(submission.pools ?? [], workerTry.arrayIndex));
  const beside = [...running].filter(({ lane }) => isGpu(lane) === own).length;
  const free = capacity - onMarket(running).length;
  return beside < maxProcesses && hasInstance(submission, workerTry, free);
}

/** What a worker is told by its submission, and where it runs. */
export function variablesOf(
  { environment, pools = [] }: WorkerSubmission,
  arrayIndex: number,
): Readonly<Record<string, string>> {
  const lane = laneOfWorker(pools, arrayIndex);
  const pool = pools.find((each) => each.lane === lane);
  const place = lane === undefined ? {} : { SWITCHYARD_LANE: lane };
  return { ...environment, ...pool?.environment, ...place };
}

export function placeOf({ name, arrayIndex, attempt, instanceId }: PlacedWorker): PlacedWorker {
  return { name, arrayIndex, attempt, instanceId };
}

/** Moves a worker on; its last status reason stays until it has another one. */
export function setStatus(
  submission: QueuedSubmission,
  arrayIndex: number,
  next: { readonly status: WorkerStatus; readonly statusReason?: string },
): void {
  const record = submission.records[arrayIndex];
  if (record === undefined) return;
  record.status = next.status;
  record.statusReason = next.statusReason ?? record.statusReason;
}

/** Its workers as they are now. */
function describeWorkers(submission: QueuedSubmission): readonly WorkerState[] {
  return submission.records.map(({ status, statusReason, attempts }, arrayIndex) => ({
    arrayIndex,
    status,
    statusReason,
    attempts: [...attempts],
  }));
}

/** Its state now, or at its end where nothing of it waits or runs. */
export function stateOf(submission: QueuedSubmission): SubmissionState {
  const workers = describeWorkers(submission);
  if (submission.waiting.length > 0 || submission.running.size > 0) {
    return { status: submission.hasStarted ? 'running' : 'queued', workers };
  }
  return { ...(submission.failure ?? { status: 'succeeded' }), workers };
}
