import { DAY_MILLIS } from '../utc-day.ts';
import type { LedgerRow } from './ledger-row.ts';

/** A row lies in the folder of its own day or of a neighbour's, and its copies no later than this. */
const REMEMBERED_DAYS = 2;

/**
 * Finds rows that a log delivered twice: the same thing at the same millisecond. Rows of attempts are
 * never taken for copies: of those the last stands, which whoever adds them up sees to. What was seen is
 * forgotten once the folders that may hold a copy of it have been read, so that a year costs no more
 * memory than three of its days.
 */
export class RedeliveredRows {
  readonly #seenByDay = new Map<string, Set<string>>();

  /**
   * True for the first copy of a row.
   *
   * @param folder day of the folder that it lies in; never an earlier one than before
   */
  isNew(row: LedgerRow, folder: string): boolean {
    if (row.source === 'attempt') return true;
    this.#forget(folder);
    const day = row.at.slice(0, 10);
    const seen = this.#seenByDay.get(day) ?? new Set<string>();
    this.#seenByDay.set(day, seen);
    const before = seen.size;
    seen.add(`${row.source} ${row.id} ${row.at}`);
    return seen.size > before;
  }

  #forget(folder: string): void {
    const oldestMillis = Date.parse(folder) - REMEMBERED_DAYS * DAY_MILLIS;
    for (const day of this.#seenByDay.keys()) {
      if (Date.parse(day) < oldestMillis) this.#seenByDay.delete(day);
    }
  }
}
