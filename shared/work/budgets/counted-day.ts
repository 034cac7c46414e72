import * as z from 'zod';
import { exactUsdSchema } from '#core/contract/budget.ts';
import type { BudgetMonth } from '#core/cost/budget-month.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { RedeliveredRows } from '#core/cost/redelivered-rows.ts';
import { TenantSums } from '#core/cost/tenant-sums.ts';

/** One day's folder of the ledger, added up. */
export const countedDaySchema = z.strictObject({
  /** Objects that are in the sums. */
  objects: z.int().nonnegative(),
  /** Their names while more may come; a day that is long over is read anew if its number changes. */
  names: z.array(z.string()),
  spent: z.record(z.string(), exactUsdSchema),
  attempts: z.record(z.string(), z.strictObject({ tenant: z.string(), usd: exactUsdSchema })),
});
export type CountedDay = z.infer<typeof countedDaySchema>;

const nothing: CountedDay = { objects: 0, names: [], spent: {}, attempts: {} };

/** True where nothing came since it was counted. */
export function isCounted(day: CountedDay | undefined, names: readonly string[]): boolean {
  return day?.objects === names.length;
}

/**
 * Adds the objects that are not in the sums yet, for as long as `hasTime`. Of a row that the log delivered
 * twice the copy is left out where one call sees both; else it counts, on the side of caution.
 */
export async function countDay(
  day: CountedDay = nothing,
  wanted: {
    readonly month: BudgetMonth;
    readonly folder: string;
    readonly names: readonly string[];
    readonly readRows: (name: string) => Promise<readonly LedgerRow[]>;
    readonly hasTime: () => boolean;
  },
): Promise<CountedDay> {
  // Without the names nobody knows which ones are new.
  const base = day.objects === day.names.length ? day : nothing;
  const seen = new Set(base.names);
  const sums = new TenantSums(wanted.month, base);
  const redelivered = new RedeliveredRows();
  for (const name of wanted.names) {
    if (seen.has(name)) continue;
    if (!wanted.hasTime()) break;
    for (const row of await wanted.readRows(name)) {
      if (redelivered.isNew(row, wanted.folder)) sums.take(row);
    }
    seen.add(name);
  }
  return { objects: seen.size, names: [...seen], ...sums.counted() };
}

/** The sums alone, of a day to which nothing is expected any more. */
export function closedDay({ objects, spent }: CountedDay): CountedDay {
  return { objects, names: [], spent, attempts: {} };
}
