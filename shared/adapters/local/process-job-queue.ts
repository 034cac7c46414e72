import {
  type JobQueue,
  MAX_WORKER_ATTEMPTS,
  type SubmissionState,
  type WorkerSubmission,
} from '#core/ports/job-queue.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import {
  startWorkerProcess,
  type WorkerCommand,
  type WorkerEnd,
  type WorkerProcess,
} from './start-worker-process.ts';
import {
  assertQueueLimits,
  assertSubmission,
  batchEnvironment,
  outcomeOf,
  type WorkerTry,
} from './worker-submission.ts';

const maxRemembered = 10_000;
const defaults = { attempts: MAX_WORKER_ATTEMPTS, graceMillis: 5000 } as const;

export interface ProcessJobQueueOptions {
  /** Program of a worker; started without a shell. */
  readonly command: WorkerCommand;
  /** Whole environment of every worker, below that of its submission; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Most worker processes at once, over all submissions. */
  readonly maxProcesses: number;
  /**
   * Most tries of one worker, 1–10.
   *
   * @default 10
   */
  readonly attempts?: number;
  /**
   * Time between SIGTERM and SIGKILL, in milliseconds.
   *
   * @default 5000
   */
  readonly graceMillis?: number;
  /**
   * Called once per submission, after its last worker ended.
   *
   * @default - nobody is told
   */
  readonly onEnded?: (name: string, state: SubmissionState) => void;
  /**
   * Takes the lines that workers write.
   *
   * @default - they go to the output of this process
   */
  readonly log?: (line: string, worker: WorkerTry & { readonly name: string }) => void;
}

export interface ProcessJobQueue extends JobQueue {
  /** Ends all submissions and refuses new ones; resolves when no worker runs. */
  close(): Promise<void>;
}

interface Submission extends WorkerSubmission {
  /** In the order in which they start; tried-again ones come first. */
  readonly waiting: WorkerTry[];
  readonly running: Set<WorkerProcess>;
  hasStarted: boolean;
  /** What ends it early; its state once no worker of it runs. */
  failure: SubmissionState | undefined;
  readonly ended: PromiseWithResolvers<void>;
}

/**
 * AWS Batch on one machine: submissions in the order they came, at most `maxProcesses` workers at
 * once. `failed` and `succeeded` mean that no worker of the submission runs. The last 10,000 ended
 * submissions are remembered, in memory only.
 */
export function createProcessJobQueue(options: ProcessJobQueueOptions): ProcessJobQueue {
  const settings = { ...defaults, ...options };
  assertQueueLimits(settings);
  return new WorkerProcesses(settings);
}

type QueueSettings = ProcessJobQueueOptions & {
  readonly attempts: number;
  readonly graceMillis: number;
};

class WorkerProcesses implements ProcessJobQueue {
  readonly #settings: QueueSettings;
  /** In the order they came. */
  readonly #active = new Map<string, Submission>();
  readonly #remembered = new Map<string, SubmissionState>();
  #runningCount = 0;
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
    if (!this.#active.has(name) && !this.#remembered.has(name)) {
      this.#active.set(name, newSubmission(submission));
      this.#startWaiting();
    }
  }

  async describe(name: string): Promise<SubmissionState | undefined> {
    const submission = this.#active.get(name);
    return submission === undefined
      ? this.#remembered.get(name)
      : { status: submission.hasStarted ? 'running' : 'queued' };
  }

  async terminate(name: string, reason: string): Promise<void> {
    const submission = this.#active.get(name);
    if (submission !== undefined) {
      this.#stop(submission, { status: 'failed', exitCode: undefined, reason });
      this.#rememberIfEnded(submission);
      await submission.ended.promise;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const names = [...this.#active.keys()];
    await Promise.all(names.map((name) => this.terminate(name, 'The queue was closed.')));
  }

  #startWaiting(): void {
    for (const submission of this.#active.values()) {
      while (this.#runningCount < this.#settings.maxProcesses) {
        const workerTry = submission.waiting.shift();
        if (workerTry === undefined) {
          break;
        }
        this.#start(submission, workerTry);
      }
    }
  }

  #start(submission: Submission, workerTry: WorkerTry): void {
    const { name } = submission;
    const { command, environment, log } = this.#settings;
    const worker = startWorkerProcess({
      command,
      environment: {
        ...environment,
        ...submission.environment,
        ...batchEnvironment(name, workerTry),
      },
      log: log && ((line) => log(line, { name, ...workerTry })),
    });
    this.#runningCount++;
    submission.hasStarted = true;
    submission.running.add(worker);
    void worker.ended.then((end) => {
      this.#runningCount--;
      submission.running.delete(worker);
      this.#settle(submission, workerTry, end);
      this.#startWaiting();
    });
  }

  #settle(submission: Submission, workerTry: WorkerTry, end: WorkerEnd): void {
    const outcome = outcomeOf(end, workerTry, this.#settings.attempts);
    if (submission.failure === undefined && outcome.next === 'retry') {
      submission.waiting.unshift(outcome.workerTry);
    } else if (submission.failure === undefined && outcome.next === 'fail') {
      this.#stop(submission, outcome.state);
    }
    this.#rememberIfEnded(submission);
  }

  #stop(submission: Submission, failure: SubmissionState): void {
    submission.failure ??= failure;
    submission.waiting.length = 0;
    for (const worker of submission.running) {
      worker.stop(this.#settings.graceMillis);
    }
  }

  #rememberIfEnded(submission: Submission): void {
    if (submission.running.size > 0 || submission.waiting.length > 0) {
      return;
    }
    const state = submission.failure ?? { status: 'succeeded' };
    this.#active.delete(submission.name);
    this.#remembered.set(submission.name, state);
    const oldest = this.#remembered.keys().next();
    if (this.#remembered.size > maxRemembered && oldest.done !== true) {
      this.#remembered.delete(oldest.value);
    }
    submission.ended.resolve();
    this.#settings.onEnded?.(submission.name, state);
  }
}

function newSubmission(submission: WorkerSubmission): Submission {
  return {
    ...submission,
    waiting: Array.from({ length: submission.workers }, (_, arrayIndex) => ({
      arrayIndex,
      attempt: 1,
    })),
    running: new Set(),
    hasStarted: false,
    failure: undefined,
    ended: Promise.withResolvers(),
  };
}
