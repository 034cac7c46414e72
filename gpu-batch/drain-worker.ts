import type { Clock } from '#core/ports/clock.ts';
import { watchForReclaim } from './drain-on-reclaim.ts';
import { listenForSignals } from './drain-on-signal.ts';
import { InstanceMetadata } from './instance-metadata.ts';

export interface DrainSettings {
  /** Time from a signal to the exit, in milliseconds. */
  readonly drainMillis: number;
  /** Undefined where there is no instance metadata to ask. */
  readonly metadataUrl: string | undefined;
  readonly metadataPollMillis: number;
}

export interface Drain {
  /** Fires when the worker should stop claiming, commit its cell and leave. */
  readonly signal: AbortSignal;
  /** Resolves when there is no time left to commit anything. */
  readonly expired: Promise<void>;
}

/** Kept back from the time that a notice leaves, to exit in. More would give up cells that still fit:
 * a short notice is half over before it is read, and its whole seconds are rounded down. */
const EXIT_MILLIS = 500;

/** Listens for everything that ends this worker early; of several causes the shortest time counts. */
export function drainWorker(
  settings: DrainSettings,
  clock: Clock,
  log: (event: string, fields: Readonly<Record<string, unknown>>) => void,
): Drain {
  const drain = new AbortController();
  const expired = Promise.withResolvers<void>();
  let endMillis = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const begin = (cause: string, millisLeft: number) => {
    const atMillis = clock.monotonicMillis() + millisLeft;
    if (atMillis >= endMillis) return;
    endMillis = atMillis;
    clearTimeout(timer);
    timer = setTimeout(expired.resolve, millisLeft).unref();
    log('draining', { cause, millisLeft: Math.round(millisLeft) });
    drain.abort();
  };
  listenForSignals((cause) => begin(cause, settings.drainMillis));
  if (settings.metadataUrl !== undefined) {
    const { monotonicMillis } = clock;
    void watchForReclaim({
      metadata: new InstanceMetadata({ url: settings.metadataUrl, monotonicMillis }),
      clock,
      pollMillis: settings.metadataPollMillis,
      stop: drain.signal,
      onReclaim: ({ action, millisLeft }) =>
        begin(
          `spot_${action}`,
          millisLeft === undefined ? settings.drainMillis : Math.max(0, millisLeft - EXIT_MILLIS),
        ),
      onRebalance: (noticeTime) => log('rebalance_recommended', { noticeTime }),
    });
  }
  return { signal: drain.signal, expired: expired.promise };
}
