import type { LedgerRow } from '../cost/ledger-row.ts';

/** Keeps priced rows of usage in the order in which they came. */
export interface Ledger {
  /**
   * Takes a row and returns at once: no request waits for it. It is durable after the next `flush`,
   * which the ledger does by itself every second; a process that is killed loses what came since.
   */
  append(row: LedgerRow): void;
  /** Resolves when every row appended before is durable. Rejects where it cannot be stored. */
  flush(): Promise<void>;
  /** Rows that ended in [from, to) and were flushed; a torn or damaged line is left out. */
  read(range: LedgerRange): AsyncIterable<LedgerRow>;
  /** Flushes and takes no more rows. */
  close(): Promise<void>;
}

export interface LedgerRange {
  readonly fromMillis: number;
  readonly toMillis: number;
}
