import type { CreateJobRequest } from '../contract/job.ts';
import type { JobView } from '../contract/job-view.ts';
import type { JobRoute } from '../jobs/job-route.ts';

/**
 * Makes jobs of work that does not fit into a request: in this process, or by a call to the function
 * that keeps the records of jobs.
 */
export interface JobStarter {
  /**
   * The job is durable when this resolves. `created` is false where the same request, or its
   * Idempotency-Key, made the job before. Throws what the caller can mend (`model_not_found`,
   * `lane_unavailable`, `idempotency_key_reused`, `invalid_request` …), and `worker_failed` where
   * nobody answered; the same request may then be sent again.
   */
  create(request: StartJobRequest): Promise<StartedJob>;
}

export interface StartJobRequest {
  readonly tenant: string;
  /** Makes the job's identity where there is no key: a repeated call gives the same job. */
  readonly requestId: string;
  readonly idempotencyKey?: string;
  readonly body: CreateJobRequest;
  /** The decision that made a job of it; without one, whoever makes the job decides. */
  readonly route?: JobRoute;
}

export interface StartedJob {
  readonly job: JobView;
  readonly created: boolean;
}
