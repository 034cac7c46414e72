import { type AttemptEnd, decideRetry, type RetryRule } from '#core/jobs/retry-rules.ts';
import { MAX_WORKER_ATTEMPTS, type SubmissionState } from '#core/ports/job-queue.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { WorkerEnd } from './start-worker-process.ts';

/** One worker's next try. Both numbers are what the worker reads from its environment. */
export interface WorkerTry {
  readonly arrayIndex: number;
  /** From 1. */
  readonly attempt: number;
}

/** What follows from the end of a worker. */
export type WorkerOutcome =
  | { readonly next: 'done' }
  | { readonly next: 'retry'; readonly workerTry: WorkerTry }
  | {
      readonly next: 'fail';
      readonly state: Extract<SubmissionState, { readonly status: 'failed' }>;
    };

/** Exit 0 is done; anything else is tried again or fails as the rules say, while attempts last. */
export function outcomeOf(
  ended: { readonly workerTry: WorkerTry; readonly how: WorkerEnd; readonly end: AttemptEnd },
  strategy: { readonly attempts: number; readonly retryRules: readonly RetryRule[] },
): WorkerOutcome {
  const { workerTry, how, end } = ended;
  if (end.exitCode === 0) {
    return { next: 'done' };
  }
  const mayRetry = decideRetry(strategy.retryRules, end) === 'RETRY';
  if (mayRetry && workerTry.attempt < strategy.attempts) {
    return { next: 'retry', workerTry: { ...workerTry, attempt: workerTry.attempt + 1 } };
  }
  const place = `attempt ${workerTry.attempt} of ${strategy.attempts}`;
  const reason = `worker ${workerTry.arrayIndex}, ${place}, ${told(how)} (${end.statusReason})`;
  return { next: 'fail', state: { status: 'failed', exitCode: end.exitCode, reason } };
}

/** The variables AWS Batch sets for a child of an array job. */
export function batchEnvironment(name: string, workerTry: WorkerTry): Record<string, string> {
  return {
    AWS_BATCH_JOB_ID: `${name}:${workerTry.arrayIndex}`,
    AWS_BATCH_JOB_ARRAY_INDEX: String(workerTry.arrayIndex),
    AWS_BATCH_JOB_ATTEMPT: String(workerTry.attempt),
  };
}

/** Throws `invalid_setting`; says which bound was broken. */
export function assertQueueLimits(limits: {
  readonly maxProcesses: number;
  readonly attempts: number;
  readonly graceMillis: number;
  readonly runnableWaitMillis: number;
}): void {
  const { maxProcesses, attempts, graceMillis, runnableWaitMillis } = limits;
  if (!Number.isInteger(maxProcesses) || maxProcesses < 1) {
    throw new SwitchyardError('invalid_setting', 'maxProcesses is a whole number from 1.');
  }
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MAX_WORKER_ATTEMPTS) {
    throw new SwitchyardError('invalid_setting', `attempts is 1–${MAX_WORKER_ATTEMPTS}.`);
  }
  if (!(graceMillis >= 0 && graceMillis < 2 ** 31)) {
    throw new SwitchyardError('invalid_setting', 'graceMillis is 0 to 2^31 - 1.');
  }
  if (!(runnableWaitMillis >= 0 && runnableWaitMillis < 2 ** 31)) {
    throw new SwitchyardError('invalid_setting', 'runnableWaitMillis is 0 to 2^31 - 1.');
  }
}

function told(end: WorkerEnd): string {
  switch (end.kind) {
    case 'exit':
      return `exited with ${end.exitCode}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'not-started':
      return `could not be started: ${end.reason}`;
  }
}
