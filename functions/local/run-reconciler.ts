import type { Clock } from '#core/ports/clock.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { listActiveJobs, reconcileJob } from '#work/reconcile-job.ts';
import type { Log } from '../handler-dependencies.ts';

const ROUND_MILLIS = 5_000;

export interface Reconciler {
  /** Looks at a job now; calls for a job that is being looked at are remembered. */
  wake(jobId: string): void;
  /** Looks at every active job, now and every few seconds, until stopped. */
  run(stop: AbortSignal): Promise<void>;
}

/** Keeps every active job moving: one look at a time per job, never two. */
export function createReconciler(deps: {
  readonly ports: () => JobPorts;
  readonly clock: Clock;
  readonly log: Log;
}): Reconciler {
  const running = new Map<string, { again: boolean }>();
  let isStopped = false;

  async function look(jobId: string): Promise<void> {
    const state = { again: true };
    running.set(jobId, state);
    while (state.again && !isStopped) {
      state.again = false;
      await reconcileJob(deps.ports(), jobId).catch((error: unknown) => {
        // The next round tries again; until then the job stands still, so it is said.
        deps.log({ event: 'reconcile_failed', job: jobId, detail: String(error) });
      });
    }
    running.delete(jobId);
  }

  function wake(jobId: string): void {
    const state = running.get(jobId);
    if (state !== undefined) state.again = true;
    else if (!isStopped) void look(jobId);
  }

  return {
    wake,
    async run(stop) {
      stop.addEventListener('abort', () => {
        isStopped = true;
      });
      while (!stop.aborted) {
        for (const jobId of await listActiveJobs(deps.ports())) wake(jobId);
        await deps.clock.sleep(ROUND_MILLIS, stop);
      }
    },
  };
}
