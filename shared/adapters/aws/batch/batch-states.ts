import type { JobDetail, JobStatus } from '@aws-sdk/client-batch';
import type { AttemptEnd } from '#core/jobs/retry-rules.ts';
import type { SubmissionState, WorkerState, WorkerStatus } from '#core/ports/job-queue.ts';

/** How a failed worker ended, as far as AWS Batch said. */
interface FailedWorker {
  readonly arrayIndex: number;
  readonly attempts: number;
  readonly exitCode: number | undefined;
  readonly reason: string;
}

/** True where nothing of the job runs or waits any more. An array has its children counted. */
export function hasEnded(job: JobDetail): boolean {
  return isEnd(job.status) && liveChildren(job) === 0;
}

/** A job with its workers: the children of an array in the order of their indexes. */
export function stateOfJob(job: JobDetail, workers: readonly WorkerState[]): SubmissionState {
  if (!hasEnded(job)) return { status: hasStarted(job, workers) ? 'running' : 'queued', workers };
  if (job.status === 'SUCCEEDED') return { status: 'succeeded', workers };
  return { status: 'failed', ...failureOf(job, workers), workers };
}

function failureOf(
  job: JobDetail,
  workers: readonly WorkerState[],
): { readonly exitCode: number | undefined; readonly reason: string } {
  const reason = job.statusReason ?? 'unknown';
  const wasStopped = job.isTerminated === true || job.isCancelled === true;
  const worker = wasStopped ? undefined : failedWorker(workers);
  if (worker === undefined) return { exitCode: undefined, reason };
  return { exitCode: worker.exitCode, reason: describeFailure(worker) };
}

/** One worker: a child of an array job, or a plain job. A child that is not there yet is to come. */
export function workerOf(job: JobDetail | undefined, arrayIndex: number): WorkerState {
  return {
    arrayIndex,
    status: workerStatus(job?.status),
    statusReason: job?.statusReason,
    attempts: (job?.attempts ?? []).map(
      ({ container, statusReason }): AttemptEnd => ({
        exitCode: container?.exitCode,
        statusReason: statusReason ?? '',
        reason: container?.reason,
      }),
    ),
  };
}

export function isArray(job: JobDetail): boolean {
  return job.arrayProperties?.size !== undefined;
}

function isEnd(status: JobStatus | undefined): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED';
}

function liveChildren(job: JobDetail): number {
  return Object.entries(job.arrayProperties?.statusSummary ?? {})
    .filter(([status]) => status !== 'SUCCEEDED' && status !== 'FAILED')
    .reduce((sum, [, count]) => sum + count, 0);
}

const startedStatuses = new Set(['STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED']);

function hasStarted(job: JobDetail, workers: readonly WorkerState[]): boolean {
  const summary = Object.entries(job.arrayProperties?.statusSummary ?? {});
  return (
    (!isArray(job) && startedStatuses.has(job.status ?? '')) ||
    summary.some(([status, count]) => count > 0 && startedStatuses.has(status)) ||
    workers.some(({ attempts }) => attempts.length > 0)
  );
}

function workerStatus(status: JobStatus | undefined): WorkerStatus {
  return status === undefined || status === 'PENDING' ? 'SUBMITTED' : status;
}

function failedWorker(workers: readonly WorkerState[]): FailedWorker | undefined {
  const worker = workers.find(({ status }) => status === 'FAILED');
  if (worker === undefined) return undefined;
  const { arrayIndex, attempts, statusReason } = worker;
  const last = attempts.at(-1);
  const reason = last?.statusReason ?? statusReason ?? 'unknown';
  return { arrayIndex, attempts: attempts.length, exitCode: last?.exitCode, reason };
}

function describeFailure({ arrayIndex, attempts, exitCode, reason }: FailedWorker): string {
  const tries = attempts === 0 ? '' : `, attempt ${attempts}`;
  const how = exitCode === undefined ? '' : `, exited with ${exitCode}`;
  return `worker ${arrayIndex}${tries}${how} (${reason})`;
}
