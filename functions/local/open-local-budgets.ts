import type { TenantBudget } from '#core/contract/budget.ts';
import { budgetMonthAt } from '#core/cost/budget-month.ts';
import { TenantSums } from '#core/cost/tenant-sums.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import { rememberPromises } from '#work/budgets/remembered-promises.ts';
import { createTenantBudgets } from '#work/budgets/tenant-budgets.ts';

/** A ledger that knows what was spent this month, without reading it again. */
export interface CountingLedger extends Ledger {
  /** What every tenant spent in the month of now. */
  thisMonth(): TenantSums;
}

/** Reads the month once; from then on a row counts as soon as it is appended. */
export async function countingLedger(ledger: Ledger, clock: Clock): Promise<CountingLedger> {
  let sums = new TenantSums(budgetMonthAt(clock.epochMillis()));
  const thisMonth = (): TenantSums => {
    const month = budgetMonthAt(clock.epochMillis());
    // Nothing of a month that has just begun was spent before.
    if (month.name !== sums.month.name) sums = new TenantSums(month);
    return sums;
  };
  for await (const row of ledger.read(sums.month)) sums.take(row);
  return {
    append: (row) => {
      ledger.append(row);
      thisMonth().take(row);
    },
    flush: () => ledger.flush(),
    read: (range) => ledger.read(range),
    close: () => ledger.close(),
    thisMonth,
  };
}

/**
 * The budget of this machine, which is every tenant's: nothing tells callers apart here. Jobs must be made
 * and ended through the store that comes with it.
 */
export function openLocalBudgets(options: {
  readonly budget: TenantBudget;
  readonly ledger: CountingLedger;
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}): { readonly budgets: TenantBudgets; readonly objectStore: ObjectStore } {
  const { budget, ledger, clock } = options;
  const { objectStore, inMonth } = rememberPromises(options.objectStore);
  const budgets = createTenantBudgets({
    budgetOf: () => budget,
    sumsOf: async (month) => ({
      promised: await inMonth(month),
      spent: ledger.thisMonth().all(),
      takenAtMillis: clock.epochMillis(),
    }),
    clock,
  });
  return { budgets, objectStore };
}
