import type { LedgerRow } from './ledger-row.ts';
import { sumUsd, type Usd } from './usd.ts';

/** The exact price of rows. */
export function totalUsd(rows: Iterable<LedgerRow>): Usd {
  return sumUsd([...rows].map((row) => row.usd));
}
