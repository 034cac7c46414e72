import { randomUUID } from 'node:crypto';
import { type LedgerRow, readLedgerRow } from '#core/cost/ledger-row.ts';
import { parseUsageLine, type UsageLine } from '#core/cost/usage-line.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';

export interface ObjectLedgerOptions {
  readonly objectStore: ObjectStore;
  /**
   * Where the rows lie, ending in `/`: below it one folder per day, with JSONL objects in it.
   *
   * @default 'work/ledger/'
   */
  readonly prefix?: string;
  /**
   * Prices a line of usage that the log brought here; undefined where no price is known.
   *
   * @default - such lines are left out
   */
  readonly priceUsage?: (line: UsageLine) => LedgerRow | undefined;
}

const DAY_MILLIS = 86_400_000;

/** Firehose may put lines of a log together without a newline; inside JSON no `}{"` can be. */
const BETWEEN_ROWS = /\n|(?<=\})(?=\{")/;

/**
 * A ledger in JSONL objects, one per flush and day: for those who write many rows at once, such as the
 * end of a job. It never flushes by itself, since a Lambda environment stands still between calls.
 * Any number of processes may write; what others put below the prefix in the same form is read too.
 */
export function createObjectLedger(options: ObjectLedgerOptions): Ledger {
  const { objectStore, prefix = 'work/ledger/', priceUsage } = options;
  let waiting: LedgerRow[] = [];
  const flush = async (): Promise<void> => {
    const days = Map.groupBy(waiting, ({ at }) => at.slice(0, 10));
    waiting = [];
    try {
      for (const [day, rows] of days) {
        const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        await objectStore.put(
          `${prefix}${day}/${rows.at(-1)?.at}-${randomUUID()}.jsonl`,
          new TextEncoder().encode(lines),
        );
        days.delete(day);
      }
    } catch (error) {
      waiting = [...[...days.values()].flat(), ...waiting];
      throw error;
    }
  };
  return {
    append: (row) => void waiting.push(row),
    flush,
    close: flush,
    read: (range) => readDays({ objectStore, prefix, priceUsage }, range),
  };
}

async function* readDays(
  place: {
    readonly objectStore: ObjectStore;
    readonly prefix: string;
    readonly priceUsage: ObjectLedgerOptions['priceUsage'];
  },
  range: LedgerRange,
): AsyncIterable<LedgerRow> {
  // An object has the day of its first rows; nothing of a range lies before the range's first day.
  const startAfter = place.prefix + dayOf(range.fromMillis);
  const end = place.prefix + dayOf(Math.min(range.toMillis + DAY_MILLIS, MAX_MILLIS));
  for await (const { key } of place.objectStore.list(place.prefix, { startAfter })) {
    if (key >= end) break;
    const bytes = await place.objectStore.read(key);
    for (const line of new TextDecoder().decode(bytes).split(BETWEEN_ROWS)) {
      const row = readRow(line, place.priceUsage);
      const atMillis = Date.parse(row?.at ?? '');
      if (row && atMillis >= range.fromMillis && atMillis < range.toMillis) yield row;
    }
  }
}

/** The last day that a date can have with four digits for its year. */
const MAX_MILLIS = Date.parse('9999-12-31');

function dayOf(millis: number): string {
  return new Date(Math.min(millis, MAX_MILLIS)).toISOString().slice(0, 10);
}

function readRow(
  line: string,
  priceUsage: ObjectLedgerOptions['priceUsage'],
): LedgerRow | undefined {
  const usage = parseUsageLine(line);
  return usage === undefined ? readLedgerRow(line) : priceUsage?.(usage);
}
