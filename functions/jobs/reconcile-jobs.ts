import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '#work/job-ports.ts';
import type { ReconcileSummary, RoundOptions } from '#work/reconcile/reconcile-all.ts';
import { reconcileWithin } from '#work/reconcile/reconcile-within.ts';
import type { Log } from '../handler-dependencies.ts';

/** Kept back for the looks that are under way and for the answer. */
const LAST_MILLIS = 60_000;

/**
 * The scheduled event: every job that has not ended is brought a step on; what it did is logged. With
 * a context its time is bounded, and what it does not come to is the next one's. A round that could not
 * look at everything throws at its end, for an alarm counts the runs that failed.
 */
export function createReconcileJobsHandler(deps: {
  readonly ports: JobPorts;
  readonly round: Omit<RoundOptions, 'onTrouble'>;
  readonly log: Log;
}): (
  event: unknown,
  context?: { getRemainingTimeInMillis(): number },
) => Promise<ReconcileSummary> {
  const { ports, round, log } = deps;
  return async (_event, context) => {
    const options: RoundOptions = {
      ...round,
      onTrouble: (error, job) => log({ event: 'reconcile_failed', job, detail: String(error) }),
    };
    const hasTime = () => context === undefined || context.getRemainingTimeInMillis() > LAST_MILLIS;
    const summary = await reconcileWithin(ports, options, hasTime);
    log({ event: 'reconciled', ...summary });
    if (summary.troubled === 0) return summary;
    const detail = `${summary.troubled} jobs could not be looked at; the log says which and why`;
    throw new SwitchyardError('worker_failed', detail);
  };
}
