import { Usd } from './usd.ts';

/** Different amounts that are kept apart before they are added: memory stays flat. */
const MOST_AMOUNTS = 1_000;

/**
 * The exact sum of amounts of which many are the same, as those of requests are: equal ones are counted,
 * and each is multiplied once. Counting is several times as fast as adding.
 */
export class UsdCounter {
  readonly #counts = new Map<string, number>();
  #sum = new Usd(0);

  add(usd: string): void {
    this.#counts.set(usd, (this.#counts.get(usd) ?? 0) + 1);
    if (this.#counts.size >= MOST_AMOUNTS) this.#settle();
  }

  sum(): Usd {
    this.#settle();
    return this.#sum;
  }

  #settle(): void {
    for (const [usd, count] of this.#counts) this.#sum = this.#sum.plus(new Usd(usd).times(count));
    this.#counts.clear();
  }
}
