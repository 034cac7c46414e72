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
  const { attempts, graceMillis, ...settings } = { ...defaults, ...options };
  assertQueueLimits({ maxProcesses: settings.maxProcesses, attempts, graceMillis });
  const active = new Map<string, Submission>();
  const remembered = new Map<string, SubmissionState>();
  let runningCount = 0;
  let isClosed = false;

  function startWaiting(): void {
    for (const submission of active.values()) {
      while (runningCount < settings.maxProcesses) {
        const workerTry = submission.waiting.shift();
        if (workerTry === undefined) {
          break;
        }
        start(submission, workerTry);
      }
    }
  }

  function start(submission: Submission, workerTry: WorkerTry): void {
    const { name } = submission;
    const { log } = settings;
    const worker = startWorkerProcess({
      command: settings.command,
      environment: {
        ...settings.environment,
        ...submission.environment,
        ...batchEnvironment(name, workerTry),
      },
      log: log && ((line) => log(line, { name, ...workerTry })),
    });
    runningCount++;
    submission.hasStarted = true;
    submission.running.add(worker);
    void worker.ended.then((end) => {
      runningCount--;
      submission.running.delete(worker);
      settle(submission, workerTry, end);
      startWaiting();
    });
  }

  function settle(submission: Submission, workerTry: WorkerTry, end: WorkerEnd): void {
    const outcome = outcomeOf(end, workerTry, attempts);
    if (submission.failure === undefined && outcome.next === 'retry') {
      submission.waiting.unshift(outcome.workerTry);
    } else if (submission.failure === undefined && outcome.next === 'fail') {
      stop(submission, outcome.state);
    }
    forgetIfEnded(submission);
  }

  function stop(submission: Submission, failure: SubmissionState): void {
    submission.failure ??= failure;
    submission.waiting.length = 0;
    for (const worker of submission.running) {
      worker.stop(graceMillis);
    }
  }

  function forgetIfEnded(submission: Submission): void {
    if (submission.running.size > 0 || submission.waiting.length > 0) {
      return;
    }
    const state = submission.failure ?? { status: 'succeeded' };
    active.delete(submission.name);
    remembered.set(submission.name, state);
    const oldest = remembered.keys().next();
    if (remembered.size > maxRemembered && oldest.done !== true) {
      remembered.delete(oldest.value);
    }
    submission.ended.resolve();
    settings.onEnded?.(submission.name, state);
  }

  async function terminate(name: string, reason: string): Promise<void> {
    const submission = active.get(name);
    if (submission !== undefined) {
      stop(submission, { status: 'failed', exitCode: undefined, reason });
      forgetIfEnded(submission);
      await submission.ended.promise;
    }
  }

  return {
    terminate,
    async submit(submission) {
      assertSubmission(submission);
      if (isClosed) {
        throw new SwitchyardError('not_ready', 'The queue is closing. Submit after the restart.');
      }
      const { name } = submission;
      if (!active.has(name) && !remembered.has(name)) {
        active.set(name, newSubmission(submission));
        startWaiting();
      }
    },
    async describe(name) {
      const submission = active.get(name);
      return submission === undefined
        ? remembered.get(name)
        : { status: submission.hasStarted ? 'running' : 'queued' };
    },
    async close() {
      isClosed = true;
      await Promise.all([...active.keys()].map((name) => terminate(name, 'The queue was closed.')));
    },
  };
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
