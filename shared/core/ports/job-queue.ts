import type { Lane } from '../contract/lane.ts';
import type { AttemptEnd } from '../jobs/retry-rules.ts';

/**
 * Starts workers for jobs, as AWS Batch does: a submission becomes `workers` processes of the worker
 * entry, each told its place by `AWS_BATCH_JOB_ARRAY_INDEX` and its try by `AWS_BATCH_JOB_ATTEMPT`.
 * A worker that the retry rules (shared/core/jobs/retry-rules.ts) let try again (its host was lost, or
 * it exits with 75) is started again, at most {@link MAX_WORKER_ATTEMPTS} times; any other end but
 * exit code 0 ends its submission as failed.
 */
export interface JobQueue {
  /** Accepts a submission. Idempotent: while one of the same name is known, nothing new starts. */
  submit(submission: WorkerSubmission): Promise<void>;
  /** What became of a submission, or undefined where the queue does not know (or forgot) it. */
  describe(name: string): Promise<SubmissionState | undefined>;
  /**
   * Ends a submission: queued workers never start, running ones get SIGTERM and, after the queue's
   * grace, SIGKILL. Resolves when none of its workers runs any more, or, where that takes longer than
   * the queue may wait, when that is on its way: `describe` tells. No error for an unknown name.
   */
  terminate(name: string, reason: string): Promise<void>;
}

export interface WorkerSubmission {
  /** Unique name: letters, digits, `-`, `_`; at most 128 characters (AWS Batch's job name). */
  readonly name: string;
  /** Number of workers, 1–10,000. */
  readonly workers: number;
  /** Settings of this submission; the queue adds the `AWS_BATCH_*` variables. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Where its workers run, a lane at most once; together they have `workers` workers. A queue of one
   * kind ignores it.
   *
   * @default - all of them where the queue runs workers
   */
  readonly pools?: readonly WorkerPool[];
}

/** Workers of a submission that run in one lane. */
export interface WorkerPool {
  readonly lane: Lane;
  readonly workers: number;
  /**
   * Settings of these workers, over those of their submission.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export type SubmissionState = (
  | { readonly status: 'queued' | 'running' | 'succeeded' }
  | {
      readonly status: 'failed';
      /** Exit code of the worker that failed, or undefined where it was ended by a signal. */
      readonly exitCode: number | undefined;
      readonly reason: string;
    }
) & {
  /** The workers in the order of their indexes; absent where the queue has no more record of them. */
  readonly workers?: readonly WorkerState[];
};

/** One worker, in AWS Batch's words: a child of an array job. */
export interface WorkerState {
  readonly arrayIndex: number;
  readonly status: WorkerStatus;
  /** Why it has its status, or undefined where that needs no saying. */
  readonly statusReason: string | undefined;
  /** Those that ended, the first one first. */
  readonly attempts: readonly AttemptEnd[];
}

export type WorkerStatus =
  | 'SUBMITTED'
  /** Waits for capacity. */
  | 'RUNNABLE'
  | 'STARTING'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED';

/** AWS Batch allows 1–10 attempts per job (SubmitJob, RetryStrategy.attempts). */
export const MAX_WORKER_ATTEMPTS = 10;
