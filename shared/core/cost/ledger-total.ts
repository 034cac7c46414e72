import type { ChargeLine, LedgerRow } from './ledger-row.ts';
import { sumUsd, Usd } from './usd.ts';

/** The exact price of rows. */
export function totalUsd(rows: Iterable<LedgerRow>): Usd {
  return sumUsd([...rows].map((row) => row.usd));
}

/**
 * The price of rows split by any name of a row or of a line: lane, tenant, day, item, kind. The parts
 * add up to `totalUsd` exactly, whatever the split.
 */
export function splitUsd(
  rows: Iterable<LedgerRow>,
  nameOf: (row: LedgerRow, line: ChargeLine) => string,
): ReadonlyMap<string, Usd> {
  const parts = new Map<string, Usd>();
  for (const row of rows) {
    for (const line of row.lines) {
      const name = nameOf(row, line);
      parts.set(name, (parts.get(name) ?? new Usd(0)).plus(line.usd));
    }
  }
  return parts;
}
