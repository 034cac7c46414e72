import {
  decodePayload,
  encodePayload,
  functionFailed,
  noSuchFunction,
} from '#core/function-payload.ts';
import {
  type FunctionInvoker,
  MAX_CALL_BYTES,
  MAX_START_BYTES,
  MAX_STARTED_RETRIES,
} from '#core/ports/function-invoker.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** A function of this process: takes a payload, gives an answer that is JSON. */
export type LocalFunction = (payload: unknown) => Promise<unknown>;

export interface ProcessFunctionInvokerOptions {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /**
   * Wait before a started function that failed runs again, in milliseconds.
   *
   * @default 1000
   */
  readonly retryMillis?: number;
  /**
   * Told when a started function failed for the last time.
   *
   * @default - nobody is told
   */
  readonly onGivenUp?: (name: string, error: unknown) => void;
}

export interface ProcessFunctionInvoker extends FunctionInvoker {
  /** Refuses new calls, gives up retries, and resolves when no started function runs any more. */
  close(): Promise<void>;
}

/**
 * Functions of this process behind the port: payloads and answers are copied through JSON, so that
 * what works here works on AWS. Started calls live in memory; a restart forgets them, and whoever
 * started them must be able to find out (the reconciler does).
 */
export function createProcessFunctionInvoker(
  options: ProcessFunctionInvokerOptions,
): ProcessFunctionInvoker {
  const retryMillis = options.retryMillis ?? 1_000;
  const started = new Set<Promise<void>>();
  const stop = new AbortController();

  function find(name: string): LocalFunction {
    if (stop.signal.aborted) {
      throw new SwitchyardError('not_ready', 'The server is closing. Call after the restart.');
    }
    const found = options.functions.get(name);
    if (found === undefined) throw noSuchFunction(name);
    return found;
  }

  async function runUntilDone(name: string, run: LocalFunction, bytes: Uint8Array): Promise<void> {
    for (let retries = 0; ; retries += 1) {
      try {
        await run(decodePayload(bytes));
        return;
      } catch (error) {
        if (retries === MAX_STARTED_RETRIES || stop.signal.aborted) {
          options.onGivenUp?.(name, error);
          return;
        }
        await pause(retryMillis, stop.signal);
      }
    }
  }

  return {
    async call(name, payload) {
      const run = find(name);
      const bytes = encodePayload(payload, MAX_CALL_BYTES);
      const answer = await run(decodePayload(bytes)).catch((error: unknown) => {
        throw functionFailed(name, error);
      });
      return decodePayload(encodePayload(answer, MAX_CALL_BYTES));
    },
    async start(name, payload) {
      const run = find(name);
      const bytes = encodePayload(payload, MAX_START_BYTES);
      // Not in this turn: the caller goes on first, as it does on AWS.
      const running = Promise.resolve()
        .then(() => runUntilDone(name, run, bytes))
        .finally(() => started.delete(running));
      started.add(running);
    },
    async close() {
      stop.abort();
      await Promise.all(started);
    },
  };
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
