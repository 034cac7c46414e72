import type { LedgerRange } from '../ports/ledger.ts';

/** ISO 8601 in UTC. */
interface Dated {
  readonly at: string;
}

/** Rows of a ledger or log that are not durable yet, in the order in which they came. */
export class WaitingRows<Row extends Dated> {
  readonly #mostRows: number;
  #rows: Row[] = [];

  /** @param mostRows of which the oldest is dropped for each one above */
  constructor(mostRows = Number.POSITIVE_INFINITY) {
    this.#mostRows = mostRows;
  }

  push(row: Row): void {
    this.#rows.push(row);
    if (this.#rows.length > this.#mostRows) this.#rows.shift();
  }

  /** Hands the rows on day by day. Those of a day that is refused, and of later ones, wait on. */
  async writeDays(write: (day: string, rows: readonly Row[]) => Promise<void>): Promise<void> {
    const days = Map.groupBy(this.#rows, dayOfRow);
    this.#rows = [];
    try {
      for (const [day, rows] of days) {
        await write(day, rows);
        days.delete(day);
      }
    } catch (error) {
      this.#rows = [...[...days.values()].flat(), ...this.#rows];
      throw error;
    }
  }
}

/** The day of UTC on which a row ended, `2026-11-24`. */
function dayOfRow({ at }: Dated): string {
  return at.slice(0, 10);
}

/** True for a row that ended in [from, to). */
export function isWithin(row: Dated, { fromMillis, toMillis }: LedgerRange): boolean {
  const atMillis = Date.parse(row.at);
  return atMillis >= fromMillis && atMillis < toMillis;
}
