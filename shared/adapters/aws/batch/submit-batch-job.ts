import type { JobDetail, SubmitJobCommandInput } from '@aws-sdk/client-batch';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { fullJitterMillis } from '../s3/full-jitter.ts';
import type { BatchJobRecords } from './batch-job-records.ts';
import type { BatchRequests } from './batch-requests.ts';

/** AWS Batch takes 50 SubmitJob a second from an account; a refusal for that reason is safe to repeat. */
const THROTTLED_TRIES = 6;
const throttled = { baseMillis: 200, longestMillis: 5_000 };

/** Looks for a job whose answer was lost; the list may lag behind. */
const lookPausesMillis = [500, 1_500, 3_000];

interface SubmitPorts {
  readonly records: BatchJobRecords;
  readonly clock: Clock;
  readonly requests: () => Promise<BatchRequests>;
  /** The job that stands for a name, looked up by name where no record of it is. */
  readonly find: (name: string) => Promise<JobDetail | undefined>;
}

/**
 * Submits unless the name has a job. Of several submitters at once one submits; where its answer is
 * lost, the job is found by its name; a submitter that died before it submitted is followed by another
 * one after a minute, and should both go through, the later one is terminated.
 */
export async function submitOnce(ports: SubmitPorts, input: SubmitJobCommandInput): Promise<void> {
  const { records } = ports;
  const name = input.jobName ?? '';
  if ((await records.job(name)) !== undefined) return;
  const last = await records.lastEpoch(name);
  if (last > 0) {
    if ((await ports.find(name)) !== undefined || (await records.isFresh(name, last))) return;
  }
  const epoch = last + 1;
  if (!(await records.setOut(name, epoch))) return;
  const jobId = await submitOrFind(ports, input);
  if (jobId === undefined) return;
  const standing = await records.settle(name, { jobId, epoch });
  if (standing.jobId === jobId) return;
  const { terminate } = await ports.requests();
  await terminate(jobId, 'another job of this name was submitted first');
}

/** The new job's id; undefined where its answer was lost and the job is known by now. */
async function submitOrFind(
  ports: SubmitPorts,
  input: SubmitJobCommandInput,
): Promise<string | undefined> {
  try {
    return await submitUnlessThrottled(ports, input);
  } catch (error) {
    if (isThrottled(error)) throw throttledOut(error);
    if (isRefusal(error)) throw refused(error);
    if (await findLost(ports, input.jobName ?? '')) return undefined;
    throw error;
  }
}

async function submitUnlessThrottled(
  ports: SubmitPorts,
  input: SubmitJobCommandInput,
): Promise<string> {
  const { submit } = await ports.requests();
  for (let round = 1; ; round += 1) {
    try {
      return await submit(input);
    } catch (error) {
      if (!isThrottled(error) || round === THROTTLED_TRIES) throw error;
      await ports.clock.sleep(fullJitterMillis(round, throttled));
    }
  }
}

async function findLost(ports: SubmitPorts, name: string): Promise<boolean> {
  for (const pauseMillis of lookPausesMillis) {
    await ports.clock.sleep(pauseMillis);
    if ((await ports.find(name)) !== undefined) return true;
  }
  return false;
}

function isThrottled(error: unknown): boolean {
  return error instanceof Error && /^(TooManyRequests|Throttling)/.test(error.name);
}

function throttledOut(cause: unknown): SwitchyardError {
  const detail = `AWS Batch takes 50 submissions a second from an account and refused this one ${THROTTLED_TRIES} times. The reconciler tries again.`;
  return new SwitchyardError('overloaded', detail, { retryAfterSeconds: 60, cause });
}

/** AWS Batch answered that it did not take the job. */
function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { httpStatusCode: status } = error.$metadata as { httpStatusCode?: number };
  return status !== undefined && status >= 400 && status < 500;
}

function refused(cause: unknown): SwitchyardError {
  const detail = `AWS Batch refused the job (${cause instanceof Error ? cause.name : 'unknown'}): check the queue, the job definition and the role`;
  return new SwitchyardError('invalid_setting', detail, { cause });
}
