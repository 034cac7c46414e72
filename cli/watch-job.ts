import { setTimeout as pause } from 'node:timers/promises';
import { isTerminal } from '#core/contract/job.ts';
import { CliError } from './cli-error.ts';
import type { JobAnswer } from './service-answers.ts';
import type { ServiceClient } from './service-client.ts';

export interface WatchOptions {
  readonly onProgress: (job: JobAnswer) => void;
  /** Called once for each time that the service goes away. */
  readonly onLost: (error: CliError) => void;
  /** Ends the watch; the job is left alone. */
  readonly stop: AbortSignal;
  /**
   * Time between two looks, in milliseconds.
   *
   * @default 400
   */
  readonly pollMillis?: number;
  /**
   * How long the service may be away, for a restart, in milliseconds.
   *
   * @default 60000
   */
  readonly patienceMillis?: number;
}

const defaults = { pollMillis: 400, patienceMillis: 60_000 } as const;

/** Follows a job to its end, over restarts of the service. Undefined where `stop` came first. */
export async function watchJob(
  client: Pick<ServiceClient, 'getJob'>,
  id: string,
  options: WatchOptions,
): Promise<JobAnswer | undefined> {
  const { onProgress, onLost, stop, pollMillis, patienceMillis } = { ...defaults, ...options };
  let lostAtMillis: number | undefined;
  while (!stop.aborted) {
    try {
      const job = await client.getJob(id, stop);
      lostAtMillis = undefined;
      onProgress(job);
      if (isTerminal(job.status)) return job;
    } catch (error) {
      if (stop.aborted) return undefined;
      if (!(error instanceof CliError) || !error.isRetryable) throw error;
      if (lostAtMillis === undefined) onLost(error);
      lostAtMillis ??= performance.now();
      if (performance.now() - lostAtMillis > patienceMillis) throw error;
    }
    // Rejects when the watch is stopped, which the loop's condition sees.
    await pause(pollMillis, undefined, { signal: stop }).catch(() => undefined);
  }
  return undefined;
}
