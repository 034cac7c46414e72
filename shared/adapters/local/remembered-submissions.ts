import type { SubmissionState } from '#core/ports/job-queue.ts';

const maxRemembered = 10_000;
const maxDetailed = 100;

/** The last 10,000 submissions that ended; of the last 100 also what became of each worker. */
export class RememberedSubmissions {
  readonly #states = new Map<string, SubmissionState>();
  readonly #detailed: string[] = [];

  has(name: string): boolean {
    return this.#states.has(name);
  }

  get(name: string): SubmissionState | undefined {
    return this.#states.get(name);
  }

  add(name: string, state: SubmissionState): void {
    this.#states.set(name, state);
    this.#detailed.push(name);
    if (this.#detailed.length > maxDetailed) this.#dropDetails(this.#detailed.shift());
    const oldest = this.#states.keys().next();
    if (this.#states.size > maxRemembered && oldest.done !== true) {
      this.#states.delete(oldest.value);
    }
  }

  #dropDetails(name: string | undefined): void {
    const state = name === undefined ? undefined : this.#states.get(name);
    if (name === undefined || state === undefined) return;
    const { workers: _, ...rest } = state;
    this.#states.set(name, rest);
  }
}
