import type { JobList, JobView } from '#core/contract/job.ts';
import { jobIdOf, jobKeys } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createJob } from './create-job.ts';
import { describeJob, outputKey, readJob } from './describe-job.ts';
import type { JobPorts } from './job-ports.ts';
import type { JobService } from './job-service.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { encodeJson } from './read-json-object.ts';

/**
 * @param onChange told the id of a job that was created or cancelled, so that the reconciler looks
 * at it now instead of at its next round; it must not throw
 */
export function openJobService(ports: JobPorts, onChange: (jobId: string) => void): JobService {
  return {
    async create(request) {
      const { job, created } = await createJob(ports, request);
      onChange(job.id);
      return { job: await describeJob(ports, job), created };
    },
    async describe(request) {
      return await describeJob(ports, await readJob(ports, request));
    },
    list: (request) => listJobs(ports, request),
    async cancel(request) {
      const job = await readJob(ports, request);
      if ((await ports.objectStore.head(jobKeys.end(job.id))) === undefined) {
        await ports.objectStore.putIfAbsent(jobKeys.cancel(job.id), encodeJson({}));
        onChange(job.id);
      }
      return await describeJob(ports, job);
    },
    locate: (request) => locateOutput(ports, request),
  };
}

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
  const jobs = await mapConcurrently(shown, 8, async (key): Promise<JobView> => {
    const jobId = jobIdOf(key);
    return await describeJob(ports, await readJob(ports, { tenant: request.tenant, jobId }));
  });
  const last = shown.at(-1);
  const next = page.length > shown.length && last !== undefined ? last.slice(prefix.length) : null;
  return { jobs, next };
}

async function locateOutput(
  ports: JobPorts,
  request: {
    readonly tenant: string;
    readonly jobId: string;
    readonly part: 'results' | 'errors';
  },
): Promise<{ readonly key: string; readonly sizeBytes: number }> {
  const job = await readJob(ports, request);
  const { status } = await describeJob(ports, job);
  if (status === 'failed' || status === 'cancelled') {
    throw new SwitchyardError('job_failed', `the job is ${status} and has no merged output`);
  }
  if (status !== 'completed') {
    const detail = `the job is ${status}; ask again once it is completed`;
    throw new SwitchyardError('job_not_finished', detail, { retryAfterSeconds: 2 });
  }
  const key = outputKey(job, request.part);
  const head = await ports.objectStore.head(key);
  if (head !== undefined) return { key, sizeBytes: head.sizeBytes };
  throw new SwitchyardError('object_not_found', 'the output was moved or deleted since');
}
