import { setTimeout as pause } from 'node:timers/promises';
import { isTerminal } from '#core/contract/job-view.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
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
  const settings = { ...defaults, ...options };
  const { stop } = settings;
  let lastAnswerMillis = performance.now();
  let isLost = false;
  while (!stop.aborted) {
    const seen = await client.getJob(id, stop).catch(asRetryable);
    if (stop.aborted) break;
    if (!(seen instanceof CliError)) {
      settings.onProgress(seen);
      if (isTerminal(seen.status)) return seen;
      lastAnswerMillis = performance.now();
      isLost = false;
    } else if (performance.now() - lastAnswerMillis > settings.patienceMillis) {
      throw seen;
    } else if (!isLost) {
      settings.onLost(seen);
      isLost = true;
    }
    // Rejects when the watch is stopped, which the loop's condition sees.
    await pause(settings.pollMillis, undefined, { signal: stop }).catch(() => undefined);
  }
  return undefined;
}

function asRetryable(error: unknown): CliError {
  // The end of a watch aborts the call, and nobody looks at how it failed.
  if (error instanceof Error && error.name === 'AbortError') return stopped(error);
  if (error instanceof CliError && error.isRetryable) return error;
  throw error;
}

function stopped(cause: Error): CliError {
  return new CliError(exitCodes.interrupted, 'stopped', 'the watch was stopped', { cause });
}
