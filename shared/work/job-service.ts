import type { JobList, JobView } from '#core/contract/job-view.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';

/** Jobs as callers see them. A tenant never sees, changes or learns of another tenant's job. */
export interface JobService extends JobStarter {
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
   * Starts a cancelled or failed job again; only what is missing is done. Throws `job_not_found`,
   * `job_not_resumable`, `job_not_finished` while it is being stopped.
   */
  resume(request: { readonly tenant: string; readonly jobId: string }): Promise<JobView>;
  /**
   * The lines of results or errors. Of a cancelled job the committed ones. Before the end, and of a
   * failed job, only where `partial` asks for what is there; otherwise throws `job_not_finished` or
   * `job_failed`.
   */
  locate(request: {
    readonly tenant: string;
    readonly jobId: string;
    readonly part: 'results' | 'errors';
    readonly partial: boolean;
  }): Promise<JobLines>;
}

/** Lines of a job: the bytes, or the object that holds them. */
export type JobLines = (
  | { readonly kind: 'lines'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly key: string; readonly sizeBytes: number }
) & {
  /** False where lines are missing, whether they will come or not. */
  readonly isComplete: boolean;
};
