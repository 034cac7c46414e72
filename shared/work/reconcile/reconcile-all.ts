import { mapLimited } from '#core/map-limited.ts';
import type { Notifier } from '#core/ports/notifier.ts';
import { type ExpiryLimits, expireJobs } from '../finish/expire-jobs.ts';
import { deliverWebhooks } from '../finish/notify-webhook.ts';
import type { JobPorts } from '../job-ports.ts';
import { listActiveJobs, type Reconciled, reconcileJob } from './reconcile-job.ts';

/** What one round over all jobs found and did. */
export interface ReconcileSummary {
  /** Jobs that had not ended before. */
  readonly active: number;
  readonly ended: number;
  readonly submitted: number;
  /** Jobs, or lists of them, that could not be looked at; the next round tries again. */
  readonly troubled: number;
  readonly webhooks_delivered: number;
  readonly objects_removed: number;
}

export interface RoundOptions extends ExpiryLimits {
  readonly notifier: Notifier;
  /**
   * Told why a job could not be looked at, or why old objects stay.
   *
   * @default - nobody is told
   */
  readonly onTrouble?: (error: unknown, jobId?: string) => void;
}

const LOOKS_IN_FLIGHT = 8;

/**
 * Looks at every active job once, tells the ends that wait to be told, and removes a bounded number
 * of expired objects. All it needs to know is in the objects and the queue.
 */
export async function reconcileAll(
  ports: JobPorts,
  options: RoundOptions,
): Promise<ReconcileSummary> {
  const jobIds = await listActiveJobs(ports, options.onTrouble);
  const looks = await mapLimited(jobIds, { limit: LOOKS_IN_FLIGHT }, (jobId) =>
    reconcileJob(ports, jobId).catch((error: unknown): 'troubled' => {
      options.onTrouble?.(error, jobId);
      return 'troubled';
    }),
  );
  return summarize(looks, await tendEndedJobs(ports, options));
}

export function summarize(
  looks: readonly (Reconciled | 'troubled')[],
  tended: Pick<ReconcileSummary, 'webhooks_delivered' | 'objects_removed'>,
): ReconcileSummary {
  const count = (...kinds: readonly string[]) =>
    looks.filter((look) => kinds.includes(look)).length;
  return {
    active: looks.length,
    ended: count('ended', 'gone'),
    submitted: count('submitted'),
    troubled: count('troubled'),
    ...tended,
  };
}

/** What remains after the end of jobs: webhooks to deliver, objects to remove. Never throws. */
export async function tendEndedJobs(
  ports: JobPorts,
  options: RoundOptions,
): Promise<Pick<ReconcileSummary, 'webhooks_delivered' | 'objects_removed'>> {
  const orNone = (error: unknown): number => {
    options.onTrouble?.(error);
    return 0;
  };
  const delivered = await deliverWebhooks(ports, options.notifier).catch(orNone);
  const removed = await expireJobs(ports, options).catch(orNone);
  return { webhooks_delivered: delivered, objects_removed: removed };
}
