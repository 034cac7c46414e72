import type { Clock } from '#core/ports/clock.ts';

/** A longer delay than this makes Node's setTimeout fire at once. */
const longestTimeoutMillis = 2 ** 31 - 1;

/** The clocks of this machine. A pending sleep keeps the process alive. */
export const systemClock: Clock = {
  epochMillis: () => Date.now(),
  monotonicMillis: () => performance.now(),
  async sleep(millis, signal) {
    const endMillis = performance.now() + millis;
    for (let left = millis; left > 0 && signal?.aborted !== true; ) {
      await timeout(Math.min(Math.ceil(left), longestTimeoutMillis), signal);
      left = endMillis - performance.now();
    }
  },
};

function timeout(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, millis);
    signal?.addEventListener('abort', end, { once: true });

    function end(): void {
      clearTimeout(timer);
      // A signal that outlives many sleeps must not collect their listeners.
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}
