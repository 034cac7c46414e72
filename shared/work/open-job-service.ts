import { isTerminal, type JobList, type JobStatus, type JobView } from '#core/contract/job-view.ts';
import { jobIdOf, jobKeys } from '#core/jobs/job-keys.ts';
import { mapLimited } from '#core/map-limited.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createJob } from './accept/create-job.ts';
import { resumeJob } from './accept/resume-job.ts';
import { describeJob, outputKey, readJob } from './describe/describe-job.ts';
import { readPartialLines } from './describe/read-partial-results.ts';
import type { JobPorts } from './job-ports.ts';
import type { JobLines, JobService } from './job-service.ts';
import { readJobRecord } from './records/job-records.ts';
import { KnownCounts } from './records/read-committed.ts';
import { encodeJson } from './records/read-json-object.ts';
import { readRun } from './records/read-run.ts';

/**
 * @param onChange told the id of a job that was created or cancelled, so that the reconciler looks
 * at it now instead of at its next round; it must not throw
 */
export function openJobService(ports: JobPorts, onChange: (jobId: string) => void): JobService {
  const known = new KnownCounts();
  return {
    async create(request) {
      const { job, created } = await createJob(ports, request);
      onChange(job.id);
      return { job: await describeJob(ports, job), created };
    },
    async describe(request) {
      return await describeJob(ports, await readJob(ports, request), known);
    },
    list: (request) => listJobs(ports, request),
    async cancel(request) {
      const job = await readJob(ports, request);
      const { ordinal: run } = await readRun(ports.objectStore, job.id);
      if ((await ports.objectStore.head(jobKeys.end(job.id, run))) === undefined) {
        await ports.objectStore.putIfAbsent(jobKeys.cancel(job.id, run), encodeJson({}));
        onChange(job.id);
      }
      return await describeJob(ports, job);
    },
    async resume(request) {
      const job = await readJob(ports, request);
      const whole = await readJobRecord(ports.objectStore, job.id);
      if (whole !== undefined) await resumeJob(ports, whole);
      onChange(job.id);
      return await describeJob(ports, job);
    },
    locate: (request) => locateOutput(ports, request),
  };
}

/** Views of one page of the list that are made at a time. */
const DESCRIBED_AT_A_TIME = 8;

async function listJobs(
  ports: JobPorts,
  request: { readonly tenant: string; readonly limit: number; readonly after?: string },
): Promise<JobList> {
  const prefix = jobKeys.indexOf(request.tenant);
  const page: string[] = [];
  const options = request.after === undefined ? {} : { startAfter: prefix + request.after };
  for await (const { key } of ports.objectStore.list(prefix, options)) {
    page.push(key);
    if (page.length > request.limit) break;
  }
  const shown = page.slice(0, request.limit);
  const jobs = await mapLimited(shown, { limit: DESCRIBED_AT_A_TIME }, async (key) => {
    return await viewInList(ports, { tenant: request.tenant, jobId: jobIdOf(key) });
  });
  const last = shown.at(-1);
  const next = page.length > shown.length && last !== undefined ? last.slice(prefix.length) : null;
  return { jobs: jobs.flat(), next };
}

/** None for a job that was removed meanwhile or whose records cannot be read: asking for it says why, and the others are shown. */
async function viewInList(
  ports: JobPorts,
  request: { readonly tenant: string; readonly jobId: string },
): Promise<JobView[]> {
  try {
    return [await describeJob(ports, await readJob(ports, request))];
  } catch (error) {
    if (error instanceof SwitchyardError && unreadable.has(error.code)) return [];
    throw error;
  }
}

const unreadable = new Set(['corrupt_object', 'newer_version', 'job_not_found']);

async function locateOutput(
  ports: JobPorts,
  request: {
    readonly tenant: string;
    readonly jobId: string;
    readonly part: 'results' | 'errors';
    readonly partial: boolean;
  },
): Promise<JobLines> {
  const job = await readJob(ports, request);
  const { status } = await describeJob(ports, job);
  if (status !== 'completed') {
    refuseUnlessPartial(status, request.partial);
    const lines = await readPartialLines(ports.objectStore, job, {
      section: request.part,
      skipsGaps: isTerminal(status),
      maxBytes: ports.limits.resultBytes,
    });
    return { ...lines, isComplete: false };
  }
  const key = outputKey(job, request.part);
  const head = await ports.objectStore.head(key);
  if (head !== undefined) {
    return { kind: 'object', key, sizeBytes: head.sizeBytes, isComplete: true };
  }
  throw new SwitchyardError('object_not_found', 'the output was moved or deleted since');
}

function refuseUnlessPartial(status: JobStatus, partial: boolean): void {
  if (partial || status === 'cancelled') return;
  if (status === 'failed') {
    const detail = 'the job failed and has no merged output; "?partial=true" gives what was done';
    throw new SwitchyardError('job_failed', detail);
  }
  const detail = `the job is ${status}; ask again once it is completed, or with "?partial=true"`;
  throw new SwitchyardError('job_not_finished', detail, { retryAfterSeconds: 2 });
}
