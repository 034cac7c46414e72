import type { JobDetail } from '@aws-sdk/client-batch';
import { mapLimited } from '#core/map-limited.ts';
import type { Clock } from '#core/ports/clock.ts';
import type {
  JobQueue,
  SubmissionState,
  WorkerState,
  WorkerSubmission,
} from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { BatchConnectionOptions } from './batch-connection.ts';
import { BatchJobRecords } from './batch-job-records.ts';
import type { BatchRequests } from './batch-requests.ts';
import { hasEnded, isArray, stateOfJob, workerOf } from './batch-states.ts';
import { toSubmitJob } from './batch-submission.ts';
import { submitOnce } from './submit-batch-job.ts';

export interface BatchJobQueueOptions extends BatchConnectionOptions {
  /** ARN or name. */
  readonly jobQueue: string;
  readonly jobDefinition: string;
  /** Name of the queue among the records, such as its lane: letters, digits and `-`. */
  readonly queueName: string;
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  /**
   * How long `terminate` waits for workers that leave, in milliseconds. A container has 30 s.
   *
   * @default 45000
   */
  readonly stopWaitMillis?: number;
}

export interface BatchJobQueue extends JobQueue {
  close(): Promise<void>;
}

/** DescribeJobs takes no more ids in one call. */
const MOST_IDS = 100;
/** Calls at a time: an array of 10,000 takes a hundred of them. */
const MOST_CALLS = 4;

/**
 * One job queue of AWS Batch with one job definition, whose retry strategy is `workerRetryRules`. Needs
 * batch:SubmitJob on both, batch:TerminateJob, batch:DescribeJobs and batch:ListJobs. Loads the SDK at
 * the first call.
 */
export function createBatchJobQueue(options: BatchJobQueueOptions): BatchJobQueue {
  const { jobQueue, jobDefinition, clock, stopWaitMillis = 45_000 } = options;
  const records = new BatchJobRecords(options);
  let loading: Promise<BatchRequests> | undefined;
  const requests = () => {
    loading ??= import('./batch-requests.ts').then((module) => module.createBatchRequests(options));
    return loading;
  };

  async function detailOf(jobId: string): Promise<JobDetail | undefined> {
    const [job] = await (await requests()).describe([jobId]);
    return job;
  }

  /** Jobs of the name that AWS Batch knows; there is more than one only after a lost race. */
  async function liveByName(name: string): Promise<string[]> {
    const { listByName } = await requests();
    const jobs = await listByName(jobQueue, name);
    return jobs
      .filter(
        (job) => job.jobName === name && job.status !== 'SUCCEEDED' && job.status !== 'FAILED',
      )
      .flatMap(({ jobId }) => (jobId === undefined ? [] : [jobId]));
  }

  async function endDuplicates(name: string, standing: string): Promise<void> {
    for (const jobId of await liveByName(name)) {
      if (jobId === standing) continue;
      await (await requests()).terminate(jobId, 'another job of this name was submitted first');
    }
  }

  async function jobOf(name: string): Promise<JobDetail | undefined> {
    const known = await records.job(name);
    if (known !== undefined) {
      if (known.epoch > 1) await endDuplicates(name, known.jobId);
      return await detailOf(known.jobId);
    }
    const epoch = await records.lastEpoch(name);
    if (epoch === 0) return undefined;
    // The answer of SubmitJob was lost, or its submitter died: its name tells.
    const found = await findByName(await requests(), { jobQueue, name });
    if (found === undefined) return undefined;
    const { jobId } = await records.settle(name, { jobId: found, epoch });
    return await detailOf(jobId);
  }

  return {
    async submit(submission: WorkerSubmission) {
      const request = toSubmitJob(submission, { jobQueue, jobDefinition });
      await submitOnce({ records, clock, requests, find: jobOf }, request);
    },
    async describe(name) {
      const job = await jobOf(name);
      if (job !== undefined) return await stateWithWorkers(await requests(), job);
      const known = await records.job(name);
      if (known === undefined) return undefined;
      if (records.isNew(known)) return { status: 'queued' };
      // It keeps what has ended for a week. What nobody knows any more does not run.
      return { status: 'failed', exitCode: undefined, reason: 'AWS Batch forgot the job' };
    },
    async terminate(name, reason) {
      const job = await jobOf(name);
      if (job?.jobId === undefined || hasEnded(job)) return;
      const { terminate } = await requests();
      await terminate(job.jobId, reason);
      await waitForEnd(clock, stopWaitMillis, async () => {
        const now = await detailOf(job.jobId ?? '');
        return now === undefined || hasEnded(now);
      });
    },
    async close() {
      if (loading !== undefined) (await loading).close();
    },
  };
}

async function findByName(
  { listByName }: BatchRequests,
  { jobQueue, name }: { readonly jobQueue: string; readonly name: string },
): Promise<string | undefined> {
  const jobs = (await listByName(jobQueue, name)).filter((job) => job.jobName === name);
  const [oldest] = jobs.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
  return oldest?.jobId;
}

async function stateWithWorkers(
  { describe }: BatchRequests,
  job: JobDetail,
): Promise<SubmissionState> {
  if (!isArray(job)) return stateOfJob(job, [workerOf(job, 0)]);
  const { jobId = '' } = job;
  const size = job.arrayProperties?.size ?? 0;
  const ids = Array.from({ length: size }, (_, index) => `${jobId}:${index}`);
  const pages = Array.from({ length: Math.ceil(size / MOST_IDS) }, (_, page) =>
    ids.slice(page * MOST_IDS, (page + 1) * MOST_IDS),
  );
  const found = await mapLimited(pages, { limit: MOST_CALLS }, describe);
  const children = new Map(found.flat().map((child) => [child.jobId, child]));
  return stateOfJob(
    job,
    ids.map((id, index): WorkerState => workerOf(children.get(id), index)),
  );
}

async function waitForEnd(
  clock: Clock,
  mostMillis: number,
  isEnded: () => Promise<boolean>,
): Promise<void> {
  const untilMillis = clock.monotonicMillis() + mostMillis;
  for (
    let pauseMillis = 100;
    !(await isEnded());
    pauseMillis = Math.min(5_000, pauseMillis * 1.5)
  ) {
    if (clock.monotonicMillis() >= untilMillis) return;
    await clock.sleep(pauseMillis);
  }
}
