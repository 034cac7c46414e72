import type { Clock } from '#core/ports/clock.ts';
import type { JobPorts } from '#work/job-ports.ts';
import {
  type ReconcileSummary,
  type RoundOptions,
  summarize,
  tendEndedJobs,
} from '#work/reconcile/reconcile-all.ts';
import { listActiveJobs, type Reconciled, reconcileJob } from '#work/reconcile/reconcile-job.ts';
import type { Log } from '../handler-dependencies.ts';
import { logJobStep } from './log-job-step.ts';

const ROUND_MILLIS = 5_000;

export interface Reconciler {
  /** Looks at a job now; calls for a job that is being looked at are remembered. */
  wake(jobId: string): void;
  /** Looks at every active job, now and every few seconds, until stopped. */
  run(stop: AbortSignal): Promise<void>;
  /** One round, for whoever asks: resolves when every active job was looked at. */
  round(): Promise<ReconcileSummary>;
}

const nothingTended = { webhooks_delivered: 0, objects_removed: 0 };

type Look = Reconciled | 'troubled';

/** Keeps every active job moving: one look at a time per job, never two. */
export function createReconciler(deps: {
  readonly ports: () => JobPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** What becomes of jobs that have ended; undefined leaves them as they are. */
  readonly options?: Omit<RoundOptions, 'onTrouble'>;
}): Reconciler {
  const running = new Map<string, { again: boolean; readonly done: Promise<Look> }>();
  let tending: ReturnType<typeof tendEndedJobs> | undefined;
  let isStopped = false;

  function onTrouble(error: unknown, job?: string): void {
    // The next round tries again; until then the job stands still, so it is said.
    deps.log({ event: 'reconcile_failed', job, detail: String(error) });
  }

  async function lookOnce(jobId: string): Promise<Look> {
    const found = await reconcileJob(deps.ports(), jobId).catch((error: unknown): Look => {
      onTrouble(error, jobId);
      return 'troubled';
    });
    await logJobStep(deps, jobId, found);
    // Whoever asked to be told of the end should not wait for the next round.
    if (found === 'ended') void tend();
    return found;
  }

  function look(jobId: string): Promise<Look> {
    const known = running.get(jobId);
    if (known !== undefined) {
      known.again = true;
      return known.done;
    }
    const { promise, resolve } = Promise.withResolvers<Look>();
    const state = { again: true, done: promise };
    running.set(jobId, state);
    void repeat(jobId, state).then(resolve);
    return promise;
  }

  async function repeat(jobId: string, state: { again: boolean }): Promise<Look> {
    let found: Look = 'working';
    while (state.again && !isStopped) {
      state.again = false;
      found = await lookOnce(jobId);
    }
    running.delete(jobId);
    return found;
  }

  function tend(): ReturnType<typeof tendEndedJobs> {
    const { options } = deps;
    if (options === undefined) return Promise.resolve(nothingTended);
    tending ??= tendEndedJobs(deps.ports(), { ...options, onTrouble }).finally(() => {
      tending = undefined;
    });
    return tending;
  }

  return {
    wake(jobId) {
      if (!isStopped) void look(jobId);
    },
    async run(stop) {
      stop.addEventListener('abort', () => {
        isStopped = true;
      });
      while (!stop.aborted) {
        // Looks are not waited for: one slow job must not delay the others' next round.
        const jobIds = await listActiveJobs(deps.ports(), onTrouble);
        for (const jobId of jobIds) void look(jobId);
        void tend();
        await deps.clock.sleep(ROUND_MILLIS, stop);
      }
    },
    async round() {
      const jobIds = await listActiveJobs(deps.ports(), onTrouble);
      return summarize(await Promise.all(jobIds.map(look)), await tend());
    },
  };
}
