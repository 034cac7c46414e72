import * as z from 'zod';
import type { BudgetMonth } from '#core/cost/budget-month.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { addUsd, type Usd } from '#core/cost/usd.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { DAY_MILLIS, utcDay } from '#core/utc-day.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import {
  type CountedDay,
  closedDay,
  countDay,
  countedDaySchema,
  isCounted,
} from './counted-day.ts';
import { PromisedJobs, promisedJobSchema } from './promised-jobs.ts';
import type { MonthSums } from './tenant-budgets.ts';

/** How old sums may be; whoever meets older ones makes them anew. */
const FRESH_MILLIS = 60_000;
/** Of one call; a month that is read for the first time may take several. */
const READING_MILLIS = 5_000;

const storedSchema = z.strictObject({
  schema: z.literal(1),
  takenAtMillis: z.number(),
  /** False where objects of the ledger are not in the sums yet. */
  isComplete: z.boolean(),
  days: z.record(z.string(), countedDaySchema),
  /** Jobs that had not ended then, by id. */
  jobs: z.record(z.string(), promisedJobSchema),
});
type Stored = z.infer<typeof storedSchema>;

export interface StoredSumsOptions {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  /** Where the ledger lies, ending in `/`: below it a folder per day. */
  readonly ledgerPrefix: string;
  readonly readRows: (key: string) => Promise<readonly LedgerRow[]>;
}

/**
 * What was spent in the month, in one object that all processes share, brought up to date by whoever finds
 * it a minute old: what came into the ledger since is read, nothing twice. Writers that race leave one
 * of two true states. What is promised is looked at anew each time: one job may be most of a budget.
 */
export function createStoredSums(options: StoredSumsOptions) {
  const { objectStore, clock } = options;
  const promised = new PromisedJobs(objectStore);
  let last: { readonly month: string; readonly stored: Stored } | undefined;

  async function current(month: BudgetMonth): Promise<Stored> {
    const now = clock.epochMillis();
    if (last?.month === month.name && isFresh(last.stored, now)) return last.stored;
    const key = `work/state/budgets/${month.name}.json`;
    const found = await readUndamagedJson(objectStore, key, storedSchema);
    promised.learn(found?.jobs ?? {});
    if (found !== undefined && isFresh(found, now)) return found;
    // Before the rows: a job that ends between the two counts twice for a minute, not never.
    await promised.inMonth(month);
    const jobs = promised.known();
    const made = { ...(await countMonth(options, { month, days: found?.days ?? {} })), jobs };
    await objectStore.put(key, encodeJson(made));
    return made;
  }

  return {
    async sumsOf(month: BudgetMonth): Promise<MonthSums> {
      const stored = await current(month);
      last = { month: month.name, stored };
      return {
        spent: totals(Object.values(stored.days)),
        // What has ended since is not in the rows that were read.
        promised: await promised.inMonth(month, stored.jobs),
        takenAtMillis: stored.takenAtMillis,
      };
    },
  };
}

function isFresh({ takenAtMillis, isComplete }: Stored, nowMillis: number): boolean {
  return isComplete && Math.abs(nowMillis - takenAtMillis) < FRESH_MILLIS;
}

async function countMonth(
  { objectStore, clock, ledgerPrefix, readRows }: StoredSumsOptions,
  { month, days }: { readonly month: BudgetMonth; readonly days: Stored['days'] },
): Promise<Omit<Stored, 'jobs'>> {
  const takenAtMillis = clock.epochMillis();
  const endMillis = clock.monotonicMillis() + READING_MILLIS;
  const hasTime = () => clock.monotonicMillis() < endMillis;
  // Of a day before yesterday nothing is expected any more.
  const openFrom = utcDay(takenAtMillis - DAY_MILLIS);
  const counted: Record<string, CountedDay> = {};
  let isComplete = true;
  for (const [day, names] of await namesByDay(objectStore, ledgerPrefix, month)) {
    const known = days[day];
    const whole =
      known !== undefined && isCounted(known, names)
        ? known
        : await countDay(known, { month, folder: day, names, readRows, hasTime });
    const isDone = isCounted(whole, names);
    counted[day] = isDone && day < openFrom ? closedDay(whole) : whole;
    isComplete &&= isDone;
  }
  return { schema: 1, takenAtMillis, isComplete, days: counted };
}

async function namesByDay(
  objectStore: ObjectStore,
  ledgerPrefix: string,
  month: BudgetMonth,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys: string[] = [];
  // An object has the day of its first row: the month's first rows may lie in the folder before it.
  const dayBefore = utcDay(month.fromMillis - DAY_MILLIS);
  for (const folders of [dayBefore, month.name]) {
    for await (const { key } of objectStore.list(ledgerPrefix + folders)) keys.push(key);
  }
  return Map.groupBy(keys, (key) => key.split('/').at(-2) ?? '');
}

function totals(parts: readonly Pick<CountedDay, 'spent'>[]): ReadonlyMap<string, Usd> {
  const sums = new Map<string, Usd>();
  for (const { spent } of parts) {
    for (const [tenant, usd] of Object.entries(spent)) {
      addUsd(sums, tenant, usd);
    }
  }
  return sums;
}
