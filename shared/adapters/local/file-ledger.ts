import { type LedgerRow, readLedgerRow } from '#core/cost/ledger-row.ts';
import { isWithin } from '#core/cost/waiting-rows.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';
import { type DayFiles, type DayFilesOptions, openDayFiles } from './day-files.ts';

/** A ledger in files that are only ever appended to; a torn line is left out by readers. */
export async function openFileLedger(options: DayFilesOptions): Promise<Ledger> {
  const files = await openDayFiles<LedgerRow>(options);
  return {
    append: (row) => files.append(row),
    flush: () => files.flush(),
    close: () => files.close(),
    read: (range) => readRows(files, range),
  };
}

async function* readRows(files: DayFiles<LedgerRow>, range: LedgerRange): AsyncIterable<LedgerRow> {
  for await (const line of files.lines(range)) {
    const row = readLedgerRow(line);
    if (row !== undefined && isWithin(row, range)) yield row;
  }
}
