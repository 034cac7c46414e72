import { assertRetryRules, workerRetryRules } from '#core/jobs/retry-rules.ts';
import { assertSubmission } from '#core/jobs/submission-limits.ts';
import { laneOfWorker } from '#core/jobs/worker-pools.ts';
import {
  type JobQueue,
  MAX_WORKER_ATTEMPTS,
  type SubmissionState,
  type WorkerSubmission,
} from '#core/ports/job-queue.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { attemptEndOf, instanceIdOf } from './attempt-end.ts';
import type { PlacedWorker, ProcessJobQueueOptions } from './process-queue-options.ts';
import {
  type FailedState,
  hasInstance,
  mayStart,
  onMarket,
  placeOf,
  type QueuedSubmission,
  queueSubmission,
  type RunningWorker,
  setStatus,
  startsAtOnce,
  stateOf,
  variablesOf,
  type WaitingTry,
} from './queued-submission.ts';
import { RememberedSubmissions } from './remembered-submissions.ts';
import { startWorkerProcess, type WorkerEnd } from './start-worker-process.ts';
import {
  assertQueueLimits,
  batchEnvironment,
  outcomeOf,
  type WorkerTry,
} from './worker-submission.ts';

const defaults = {
  attempts: MAX_WORKER_ATTEMPTS,
  retryRules: workerRetryRules,
  graceMillis: 5000,
  runnableWaitMillis: 0,
} as const;

export interface ProcessJobQueue extends JobQueue {
  /** Tries that run now, the oldest first. */
  running(): readonly PlacedWorker[];
  /** Takes a worker's instance away: SIGTERM, then SIGKILL after the grace (0: at once). */
  reclaim(worker: PlacedWorker, graceMillis: number): void;
  /** From now on at most so many run that are not on demand; tells which it reclaims, the youngest. */
  setCapacity(workers: number, graceMillis: number): readonly PlacedWorker[];
  /** Ends all submissions and refuses new ones; resolves when no worker runs. */
  close(): Promise<void>;
}

/**
 * AWS Batch on one machine: submissions in the order they came, at most `maxProcesses` workers at
 * once in the GPU lanes, and as many in the others. `failed` and `succeeded` mean that no worker of the submission runs. The last 10,000 ended
 * submissions are remembered, in memory only. One thing differs: a worker that failed ends the others
 * of its array, which AWS Batch lets run.
 */
export function createProcessJobQueue(options: ProcessJobQueueOptions): ProcessJobQueue {
  const settings = { ...defaults, ...options };
  assertQueueLimits(settings);
  assertRetryRules(settings.retryRules);
  return new WorkerProcesses(settings);
}

type QueueSettings = ProcessJobQueueOptions &
  Required<Pick<ProcessJobQueueOptions, keyof typeof defaults>>;

class WorkerProcesses implements ProcessJobQueue {
  readonly #settings: QueueSettings;
  /** In the order they came. */
  readonly #active = new Map<string, QueuedSubmission>();
  readonly #remembered = new RememberedSubmissions();
  readonly #running = new Set<RunningWorker>();
  #capacity = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  async submit(submission: WorkerSubmission): Promise<void> {
    assertSubmission(submission);
    if (this.#isClosed) {
      throw new SwitchyardError('not_ready', 'The queue is closing. Submit after the restart.');
    }
    const { name } = submission;
    if (this.#active.has(name) || this.#remembered.has(name)) return;
    const queued = queueSubmission(submission, this.#awaitInstance());
    this.#active.set(name, queued);
    for (const { arrayIndex } of queued.waiting) {
      setStatus(queued, arrayIndex, { status: 'RUNNABLE' });
    }
    this.#startWaiting();
  }

  async describe(name: string): Promise<SubmissionState | undefined> {
    const submission = this.#active.get(name);
    return submission === undefined ? this.#remembered.get(name) : stateOf(submission);
  }

  async terminate(name: string, reason: string): Promise<void> {
    const submission = this.#active.get(name);
    if (submission === undefined) return;
    this.#stop(submission, { status: 'failed', exitCode: undefined, reason });
    this.#rememberIfEnded(submission);
    await submission.ended.promise;
  }

  running(): readonly PlacedWorker[] {
    return [...this.#running].filter(({ isReclaimed }) => !isReclaimed).map(placeOf);
  }

  reclaim({ instanceId }: PlacedWorker, graceMillis: number): void {
    for (const worker of this.#running) {
      if (worker.instanceId !== instanceId) continue;
      worker.isReclaimed = true;
      worker.process.stop(graceMillis);
    }
  }

  setCapacity(workers: number, graceMillis: number): readonly PlacedWorker[] {
    this.#capacity = workers;
    const kept = onMarket(this.#running).filter(({ isReclaimed }) => !isReclaimed);
    const surplus = kept.slice(workers).map(placeOf);
    for (const worker of surplus) this.reclaim(worker, graceMillis);
    this.#startWaiting();
    return surplus;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const names = [...this.#active.keys()];
    await Promise.all(names.map((name) => this.terminate(name, 'The queue was closed.')));
  }

  /** When a try that is queued now may start. */
  #awaitInstance(): number {
    const { runnableWaitMillis } = this.#settings;
    // A timer may fire a little early by the monotonic clock.
    if (runnableWaitMillis > 0) {
      setTimeout(() => this.#startWaiting(), runnableWaitMillis + 2).unref();
    }
    return performance.now() + runnableWaitMillis;
  }

  #startWaiting(): void {
    for (const submission of this.#active.values()) {
      for (let at = 0; at >= 0; ) {
        const room = { ...this.#settings, running: this.#running, capacity: this.#capacity };
        at = submission.waiting.findIndex((each) => mayStart(submission, each, room));
        const [workerTry] = at < 0 ? [] : submission.waiting.splice(at, 1);
        if (workerTry !== undefined) this.#start(submission, workerTry);
      }
      this.#limitWait(submission);
    }
  }

  #start(submission: QueuedSubmission, workerTry: WorkerTry): void {
    const { name } = submission;
    const { arrayIndex, attempt } = workerTry;
    const { command, environment, log } = this.#settings;
    setStatus(submission, arrayIndex, { status: 'STARTING' });
    const process = startWorkerProcess({
      command,
      environment: {
        ...environment,
        ...variablesOf(submission, arrayIndex),
        ...batchEnvironment(name, workerTry),
      },
      log: log && ((line) => log(line, { name, arrayIndex, attempt })),
      onStarted: () => setStatus(submission, arrayIndex, { status: 'RUNNING' }),
    });
    const instanceId = instanceIdOf(name, workerTry);
    const placed = { name, arrayIndex, attempt, instanceId };
    const lane = laneOfWorker(submission.pools ?? [], arrayIndex);
    const worker = { ...placed, lane, process, isReclaimed: false };
    submission.hasStarted = true;
    this.#running.add(worker);
    submission.running.add(worker);
    void process.ended.then((end) => {
      this.#running.delete(worker);
      submission.running.delete(worker);
      this.#settle(submission, worker, end);
      this.#startWaiting();
    });
  }

  #settle(submission: QueuedSubmission, worker: RunningWorker, how: WorkerEnd): void {
    const { name, arrayIndex, attempt, instanceId } = worker;
    const wasStopped = submission.failure !== undefined && !worker.isReclaimed;
    const end = attemptEndOf(how, { instanceId, wasStopped });
    const outcome = outcomeOf({ workerTry: { arrayIndex, attempt }, how, end }, this.#settings);
    const next = submission.failure === undefined ? outcome.next : 'stopped';
    const statusReason = submission.failure?.reason ?? end.statusReason;
    submission.records[arrayIndex]?.attempts.push(end);
    if (next === 'retry') {
      setStatus(submission, arrayIndex, { status: 'RUNNABLE', statusReason });
      const eligibleAtMillis = startsAtOnce(submission, arrayIndex) ? 0 : this.#awaitInstance();
      submission.waiting.unshift({ arrayIndex, attempt: attempt + 1, eligibleAtMillis });
    } else {
      const status = outcome.next === 'done' ? 'SUCCEEDED' : 'FAILED';
      setStatus(submission, arrayIndex, { status, statusReason });
      if (outcome.next === 'fail') this.#stop(submission, outcome.state);
    }
    this.#settings.onAttemptEnded?.({ name, arrayIndex, attempt, instanceId, ...end, next });
    this.#rememberIfEnded(submission);
  }

  #stop(submission: QueuedSubmission, failure: FailedState): void {
    submission.failure ??= failure;
    const statusReason = submission.failure.reason;
    for (const { arrayIndex } of submission.waiting.splice(0)) {
      setStatus(submission, arrayIndex, { status: 'FAILED', statusReason });
    }
    for (const worker of submission.running) {
      worker.process.stop(this.#settings.graceMillis);
    }
  }

  /** Runs the clock of the state time limit while nothing of the submission can start. */
  #limitWait(submission: QueuedSubmission): void {
    const limit = this.#settings.stateTimeLimit;
    const isOffered = (each: WaitingTry) => hasInstance(submission, each, this.#capacity);
    const isBlocked = !submission.waiting.some(isOffered);
    if (!isBlocked || submission.waiting.length === 0 || submission.running.size > 0) {
      clearTimeout(submission.limitTimer);
      submission.limitTimer = undefined;
    } else if (limit !== undefined) {
      submission.limitTimer ??= setTimeout(() => {
        const reason = `Canceled by JobStateTimeLimit action due to reason: ${limit.reason}`;
        this.#stop(submission, { status: 'failed', exitCode: undefined, reason });
        this.#rememberIfEnded(submission);
      }, limit.runnableMillis);
    }
  }

  #rememberIfEnded(submission: QueuedSubmission): void {
    if (submission.running.size > 0 || submission.waiting.length > 0) return;
    const { name } = submission;
    const state = stateOf(submission);
    clearTimeout(submission.limitTimer);
    this.#active.delete(name);
    this.#remembered.add(name, state);
    submission.ended.resolve();
    this.#settings.onEnded?.(name, state);
  }
}
