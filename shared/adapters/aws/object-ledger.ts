import { randomUUID } from 'node:crypto';
import { type LedgerRow, readLedgerRow } from '#core/cost/ledger-row.ts';
import { RedeliveredRows } from '#core/cost/redelivered-rows.ts';
import { type PricedLine, parseUsageLine } from '#core/cost/usage-line.ts';
import { isWithin, WaitingRows } from '#core/cost/waiting-rows.ts';
import { splitJsonObjects } from '#core/formats/split-json-objects.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { DAY_MILLIS, utcDay } from '#core/utc-day.ts';

export interface ObjectLedgerOptions {
  readonly objectStore: ObjectStore;
  /**
   * Where the rows lie, ending in `/`: below it one folder per day, with JSONL objects in it.
   *
   * @default 'bucket/ledger/'
   */
  readonly prefix?: string;
  /**
   * Prices a line of usage that the log brought here; undefined where no price is known.
   *
   * @default - such lines are left out
   */
  readonly priceUsage?: ((line: PricedLine) => LedgerRow | undefined) | undefined;
}

/** Where the ledger of a deployment lies. */
export const LEDGER_PREFIX = 'bucket/ledger/';

/**
 * A ledger in JSONL objects, one per flush and day: for those who write many rows at once, such as the
 * end of a job. It never flushes by itself, since a Lambda environment stands still between calls.
 * Any number of processes may write; what others put below the prefix in the same form is read too.
 */
export function createObjectLedger(options: ObjectLedgerOptions): Ledger {
  const { objectStore, prefix = LEDGER_PREFIX } = options;
  const waiting = new WaitingRows<LedgerRow>();
  const flush = (): Promise<void> =>
    waiting.writeDays(async (day, rows) => {
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      const key = `${prefix}${day}/${rows.at(-1)?.at}-${randomUUID()}.jsonl`;
      await objectStore.put(key, new TextEncoder().encode(lines));
    });
  return {
    append: (row) => waiting.push(row),
    flush,
    close: flush,
    read: (range) => readDays({ ...options, prefix }, range),
  };
}

async function* readDays(
  place: {
    readonly objectStore: ObjectStore;
    readonly prefix: string;
    readonly priceUsage?: ObjectLedgerOptions['priceUsage'];
  },
  range: LedgerRange,
): AsyncIterable<LedgerRow> {
  // The log is delivered in objects that have the day of their first line: a row may lie in the folder
  // before its own where they span midnight, and in the one after where it came late.
  const startAfter = place.prefix + dayOf(range.fromMillis - DAY_MILLIS);
  const end = place.prefix + dayOf(range.toMillis - 1 + 2 * DAY_MILLIS);
  const redelivered = new RedeliveredRows();
  for await (const { key } of place.objectStore.list(place.prefix, { startAfter })) {
    if (key >= end) break;
    const folder = key.slice(place.prefix.length, startAfter.length);
    for (const row of await readLedgerObject(place, key)) {
      if (isWithin(row, range) && redelivered.isNew(row, folder)) yield row;
    }
  }
}

/** The rows of one object of the ledger; what is no row, or has no price, is left out. */
export async function readLedgerObject(
  { objectStore, priceUsage }: Pick<ObjectLedgerOptions, 'objectStore' | 'priceUsage'>,
  key: string,
): Promise<readonly LedgerRow[]> {
  const bytes = await objectStore.read(key);
  return [...rowsIn(new TextDecoder().decode(bytes), priceUsage)];
}

function* rowsIn(text: string, priceUsage: ObjectLedgerOptions['priceUsage']): Iterable<LedgerRow> {
  for (const line of text.split('\n')) {
    // Lines of a log come without a newline between them.
    for (const json of splitJsonObjects(line)) {
      const row = readRow(json, priceUsage);
      if (row !== undefined) yield row;
    }
  }
}

/** The last day that a date can have with four digits for its year. */
const MAX_MILLIS = Date.parse('9999-12-31');

function dayOf(millis: number): string {
  return utcDay(Math.max(0, Math.min(millis, MAX_MILLIS)));
}

function readRow(
  line: string,
  priceUsage: ObjectLedgerOptions['priceUsage'],
): LedgerRow | undefined {
  const usage = parseUsageLine(line);
  return usage === undefined ? readLedgerRow(line) : priceUsage?.(usage);
}
