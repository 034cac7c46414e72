import type { JobView } from './job-view.ts';

/** Body of the POST that tells the end of a job; sent at least once, with the same `id` each time. */
export interface WebhookEvent {
  readonly type: 'job.completed' | 'job.failed' | 'job.cancelled';
  readonly id: string;
  /** When the job ended. */
  readonly created_at: string;
  readonly job: JobView;
}
