import type { AttemptEnd, RetryRule } from '#core/jobs/retry-rules.ts';
import type { SubmissionState } from '#core/ports/job-queue.ts';
import type { WorkerCommand } from './start-worker-process.ts';
import type { WorkerOutcome, WorkerTry } from './worker-submission.ts';

export interface ProcessJobQueueOptions {
  /** Program of a worker; started without a shell. */
  readonly command: WorkerCommand;
  /** Whole environment of every worker, below that of its submission; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Most worker processes at once, over all submissions: in the GPU lanes, and in the others. */
  readonly maxProcesses: number;
  /**
   * Most tries of one worker, 1–10.
   *
   * @default 10
   */
  readonly attempts?: number;
  /**
   * Which ends of a worker are followed by another try.
   *
   * @default - workerRetryRules: a lost host and exit code 75
   */
  readonly retryRules?: readonly RetryRule[];
  /**
   * Time between SIGTERM and SIGKILL, in milliseconds.
   *
   * @default 5000
   */
  readonly graceMillis?: number;
  /**
   * How long every try stays RUNNABLE before there is an instance for it, in milliseconds.
   *
   * @default 0
   */
  readonly runnableWaitMillis?: number;
  /**
   * Cancels a submission that waits for capacity, with no worker running, for too long.
   *
   * @default - it waits for ever
   */
  readonly stateTimeLimit?: StateTimeLimit;
  /**
   * Called once per submission, after its last worker ended.
   *
   * @default - nobody is told
   */
  readonly onEnded?: (name: string, state: SubmissionState) => void;
  /**
   * Called after each try of each worker.
   *
   * @default - nobody is told
   */
  readonly onAttemptEnded?: (attempt: EndedAttempt) => void;
  /**
   * Takes the lines that workers write.
   *
   * @default - they go to the output of this process
   */
  readonly log?: (line: string, worker: WorkerTry & { readonly name: string }) => void;
}

/** A job state time limit of AWS Batch: state RUNNABLE, action CANCEL. */
interface StateTimeLimit {
  readonly runnableMillis: number;
  /** One of AWS Batch's words, such as `CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY`. */
  readonly reason: string;
}

/** One try of a worker, with the instance that it has to itself. */
export interface PlacedWorker extends WorkerTry {
  /** Name of its submission. */
  readonly name: string;
  readonly instanceId: string;
}

export interface EndedAttempt extends PlacedWorker, AttemptEnd {
  /** `stopped`: its submission was ending already. */
  readonly next: WorkerOutcome['next'] | 'stopped';
}
