import type { JobPorts } from '#work/job-ports.ts';
import { type ReconcileSummary, type RoundOptions, reconcileAll } from '#work/reconcile-all.ts';
import type { Log } from './handler-dependencies.ts';

/** The scheduled event: every job that has not ended is brought a step on; what it did is logged. */
export function createReconcileJobsHandler(deps: {
  readonly ports: JobPorts;
  readonly round: Omit<RoundOptions, 'onTrouble'>;
  readonly log: Log;
}): (event: unknown) => Promise<ReconcileSummary> {
  const { ports, round, log } = deps;
  return async () => {
    const summary = await reconcileAll(ports, {
      ...round,
      onTrouble: (error, job) => log({ event: 'reconcile_failed', job, detail: String(error) }),
    });
    log({ event: 'reconciled', ...summary });
    return summary;
  };
}
