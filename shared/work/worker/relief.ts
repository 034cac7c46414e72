import type { WorkerIdentity } from '#core/jobs/claim.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';

/** A listing costs as much as a write; between two of them a fleet does a few cells. */
const LOOK_MILLIS = 10_000;

interface ReliefPlace {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly jobId: string;
  readonly worker: WorkerIdentity;
  /** @default - for nobody */
  readonly leavesTo?: number | undefined;
}

/** Whether the workers for whom this one stands in have begun: by the records of their tries. */
export class Relief {
  readonly #place: ReliefPlace;
  #nextLookMillis = -Infinity;
  #hasCome = false;

  constructor(place: ReliefPlace) {
    this.#place = place;
  }

  async hasCome(): Promise<boolean> {
    const { clock, leavesTo } = this.#place;
    const nowMillis = clock.monotonicMillis();
    if (leavesTo === undefined || this.#hasCome || nowMillis < this.#nextLookMillis) {
      return this.#hasCome;
    }
    this.#nextLookMillis = nowMillis + LOOK_MILLIS;
    this.#hasCome = await this.#look(leavesTo);
    return this.#hasCome;
  }

  async #look(leavesTo: number): Promise<boolean> {
    const { objectStore, jobId, worker } = this.#place;
    const prefix = `${jobKeys.attempts(jobId)}${worker.submission}-`;
    for await (const { key } of objectStore.list(prefix)) {
      const [index] = key.slice(prefix.length).split('-');
      if (Number(index) < leavesTo) return true;
    }
    return false;
  }
}
