import type { CreateJobRequest } from '#core/contract/job.ts';
import type { JobView } from '#core/contract/job-view.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobService } from '#work/job-service.ts';

export interface MemoryJobService extends JobService {
  /** What `create` was called with, in order. */
  readonly created: {
    readonly tenant: string;
    readonly requestId: string;
    readonly idempotencyKey?: string;
    readonly body: CreateJobRequest;
    readonly route?: JobRoute;
  }[];
  /** Makes `locate` give this object for every job. */
  finish(object: { readonly key: string; readonly sizeBytes: number }): void;
}

/** Jobs in memory that never run; for tests of what stands in front of the job service. */
export function memoryJobService(): MemoryJobService {
  const created: MemoryJobService['created'] = [];
  const jobs = new Map<string, JobView>();
  let finished: { readonly key: string; readonly sizeBytes: number } | undefined;
  const find = (tenant: string, jobId: string): JobView => {
    const job = jobs.get(`${tenant}/${jobId}`);
    if (job === undefined) throw new SwitchyardError('job_not_found', 'no such job');
    return job;
  };
  return {
    created,
    finish: (object) => {
      finished = object;
    },
    create: async (request) => {
      created.push(request);
      const id = `job-${request.idempotencyKey ?? created.length}`;
      const place = `${request.tenant}/${id}`;
      const known = jobs.get(place);
      if (known !== undefined) return { job: known, created: false };
      const job = jobView(id, request.body);
      jobs.set(place, job);
      return { job, created: true };
    },
    describe: async ({ tenant, jobId }) => find(tenant, jobId),
    list: async ({ limit }) => ({ jobs: [...jobs.values()].slice(0, limit), next: null }),
    cancel: async ({ tenant, jobId }) => ({ ...find(tenant, jobId), status: 'cancelling' }),
    resume: async ({ tenant, jobId }) => ({ ...find(tenant, jobId), resumes: 1 }),
    locate: async ({ tenant, jobId, partial }) => {
      find(tenant, jobId);
      if (finished !== undefined) return { kind: 'object', ...finished, isComplete: true };
      if (partial) return { kind: 'lines', bytes: new Uint8Array(0), isComplete: false };
      throw new SwitchyardError('job_not_finished', 'still running', { retryAfterSeconds: 2 });
    },
  };
}

function jobView(id: string, body: CreateJobRequest): JobView {
  return {
    id,
    status: 'queued',
    model: body.model,
    model_version: '1',
    lane: body.lane ?? 'cpu-fleet',
    input: body.input ?? 'inline',
    counts: { total: 0, completed: 0, failed: 0 },
    bytes: { total: 0, processed: 0 },
    rows_per_second: null,
    eta_seconds: null,
    created_at: '2026-01-01T00:00:00.000Z',
    finished_at: null,
    output: null,
    error: null,
    validation: null,
    resumes: 0,
  };
}
