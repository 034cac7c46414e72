import { jobOfEvent } from '#core/jobs/batch-event.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { type RoundOptions, tendEndedJobs } from '#work/reconcile/reconcile-all.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import type { Log } from '../handler-dependencies.ts';

/**
 * Looks at the job that an event is about. What the event says of its state is not believed: events
 * come late, twice and in any order, so the job's objects and its queue are asked instead.
 */
export function createBatchEventAnswerer(deps: {
  readonly ports: JobPorts;
  readonly round: Omit<RoundOptions, 'onTrouble'>;
  readonly log: Log;
}): (event: unknown) => Promise<void> {
  const { ports, round, log } = deps;
  return async (event) => {
    const jobId = jobOfEvent(event);
    if (jobId === undefined) return log({ event: 'foreign_event' });
    const found = await reconcileJob(ports, jobId);
    log({ event: 'job_looked_at', job: jobId, found });
    if (found !== 'ended') return;
    await tendEndedJobs(ports, {
      ...round,
      onTrouble: (error) => log({ level: 'error', event: 'tend_failed', detail: String(error) }),
    });
  };
}
