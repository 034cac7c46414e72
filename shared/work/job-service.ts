import type { CreateJobRequest, JobList, JobView } from '#core/contract/job.ts';

/** Jobs as callers see them. A tenant never sees, changes or learns of another tenant's job. */
export interface JobService {
  /** `created` is false where the same request, or its Idempotency-Key, made the job before. */
  create(request: {
    readonly tenant: string;
    readonly requestId: string;
    readonly idempotencyKey?: string;
    readonly body: CreateJobRequest;
  }): Promise<{ readonly job: JobView; readonly created: boolean }>;
  /** Throws `job_not_found`. */
  describe(request: { readonly tenant: string; readonly jobId: string }): Promise<JobView>;
  /** Newest first; `after` is the `next` of the page before. */
  list(request: {
    readonly tenant: string;
    readonly limit: number;
    readonly after?: string;
  }): Promise<JobList>;
  /** Stops claiming and keeps what is committed. Throws `job_not_found`. */
  cancel(request: { readonly tenant: string; readonly jobId: string }): Promise<JobView>;
  /**
   * Object of the merged results or errors. Throws `job_not_finished` before the end, `job_failed`
   * where there are none.
   */
  locate(request: {
    readonly tenant: string;
    readonly jobId: string;
    readonly part: 'results' | 'errors';
  }): Promise<{ readonly key: string; readonly sizeBytes: number }>;
}
