import type { Clock } from '#core/ports/clock.ts';
import type { SeededRandom } from '../fixtures/harness/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * A process of the simulated system. Killed, it is cut off: nothing reaches it any more, so whatever
 * it awaits never comes, and it sends nothing. Paused, what reaches it waits until it goes on: what
 * it sent before takes effect meanwhile, what it sends after is that of a zombie.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  readonly #skew: ClockSkew;
  #backlog: (() => void)[] | undefined;
  #isDead = false;

  constructor(time: VirtualTime, name: string, skew: ClockSkew) {
    this.name = name;
    this.#time = time;
    this.#skew = skew;
    const startedMillis = time.nowMillis;
    this.clock = {
      epochMillis: () =>
        Math.round(START_EPOCH_MILLIS + time.nowMillis + skew.wallOffset(time.nowMillis)),
      monotonicMillis: () => skew.monotonicZero + (time.nowMillis - startedMillis) * skew.rate,
      sleep: (millis, signal) => this.#sleep(millis, signal),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#backlog !== undefined;
  }

  /** SIGKILL. */
  kill(): void {
    this.#isDead = true;
    this.#backlog = undefined;
  }

  /** SIGSTOP, and SIGCONT after `millis`. */
  pause(millis: number): void {
    if (this.#isDead || this.#backlog !== undefined) return;
    this.#backlog = [];
    this.#time.after(millis, () => {
      const backlog = this.#backlog ?? [];
      this.#backlog = undefined;
      for (const arrive of backlog) this.deliver(arrive);
    });
  }

  /** Lets something reach the process: a response, a timer, a signal. */
  deliver(arrive: () => void): void {
    if (this.#isDead) return;
    if (this.#backlog === undefined) arrive();
    else this.#backlog.push(arrive);
  }

  #sleep(millis: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer = this.#time.after(millis / this.#skew.rate, () => this.deliver(wake));
      const onAbort = () => {
        timer.run = undefined;
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

const START_EPOCH_MILLIS = 1_790_000_000_000;
const HOUR_MILLIS = 3_600_000;

/** How the clocks of one process are wrong. */
export interface ClockSkew {
  /** Speed of its monotonic clock and timers; 1 is right. */
  readonly rate: number;
  readonly monotonicZero: number;
  /** Error of its wall clock at a moment, in milliseconds; may jump, also backwards. */
  readonly wallOffset: (nowMillis: number) => number;
}

/** Clocks that run up to ten times faster in one process than in another, and jump by an hour. */
export function drawClockSkew(random: SeededRandom, isSkewed: boolean): ClockSkew {
  const monotonicZero = random.below(1_000_000);
  if (!isSkewed) return { rate: 1, monotonicZero, wallOffset: () => 0 };
  const rate = 10 ** (random.fraction() - 0.5);
  const firstMillis = (random.fraction() - 0.5) * 2 * HOUR_MILLIS;
  const jumpMillis = (random.fraction() - 0.5) * 2 * HOUR_MILLIS;
  const jumpsAtMillis = random.below(300_000);
  const wallOffset = (nowMillis: number) =>
    firstMillis + (nowMillis >= jumpsAtMillis ? jumpMillis : 0);
  return { rate, monotonicZero, wallOffset };
}
