import type { ObjectStore } from '#core/ports/object-store.ts';
import { WorkerExit } from '../../fixtures/life/memory-deployment.ts';

export type CrashSide = 'before' | 'after';

/** Numbers the writes of all processes that share it, and says at which of them one dies. */
export class CrashPlan {
  readonly #points: ReadonlySet<number>;
  readonly #side: CrashSide;
  /** What was written where, in order: the named steps. */
  readonly steps: string[] = [];
  deaths = 0;

  constructor(points: readonly number[], side: CrashSide) {
    this.#points = new Set(points);
    this.#side = side;
  }

  /** True where the process that is about to write dies on that side of the write. */
  count(step: string): CrashSide | undefined {
    this.steps.push(step);
    return this.#points.has(this.steps.length) ? this.#side : undefined;
  }
}

/**
 * The store as one process sees it. At a write that the plan names the process dies, before the write
 * or after it: this call and every later one of the same view throw, as nothing can be done by the dead.
 */
export function mortalStore(inner: ObjectStore, plan: CrashPlan): ObjectStore {
  let isDead = false;
  const assertAlive = () => {
    if (isDead) throw new WorkerExit(137);
  };
  const die = (): never => {
    isDead = true;
    plan.deaths += 1;
    throw new WorkerExit(137);
  };
  async function write<T>(step: string, act: () => Promise<T>): Promise<T> {
    assertAlive();
    const side = plan.count(step);
    if (side === 'before') die();
    const done = await act();
    if (side === 'after') die();
    return done;
  }
  return {
    put: (key, body) => write(`put ${key}`, () => inner.put(key, body)),
    putIfAbsent: (key, body) => write(`putIfAbsent ${key}`, () => inner.putIfAbsent(key, body)),
    delete: (key) => write(`delete ${key}`, () => inner.delete(key)),
    concatenateIfAbsent: (key, segments) =>
      write(`concatenate ${key}`, () => inner.concatenateIfAbsent(key, segments)),
    async head(key) {
      assertAlive();
      return await inner.head(key);
    },
    async read(key, options) {
      assertAlive();
      return await inner.read(key, options);
    },
    async *stream(key, options) {
      assertAlive();
      yield* inner.stream(key, options);
    },
    async *list(prefix, options) {
      assertAlive();
      yield* inner.list(prefix, options);
    },
  };
}
