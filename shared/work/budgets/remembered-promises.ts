import type { BudgetMonth } from '#core/cost/budget-month.ts';
import type { Usd } from '#core/cost/usd.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { PromisedJobs } from './promised-jobs.ts';

type Promised = ReadonlyMap<string, Usd>;

/**
 * What is promised, added up again only after a job began or ended: for one process that makes and ends
 * all jobs, through the store that comes with it. A request then costs no listing of the jobs.
 */
export function rememberPromises(objectStore: ObjectStore): {
  readonly objectStore: ObjectStore;
  readonly inMonth: (month: BudgetMonth) => Promise<Promised>;
} {
  const promised = new PromisedJobs(objectStore);
  let changes = 0;
  let known:
    | { readonly changes: number; readonly month: string; readonly sums: Promised }
    | undefined;

  async function changing<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    try {
      return await change();
    } finally {
      if (key.startsWith(jobKeys.actives)) changes += 1;
    }
  }

  return {
    objectStore: {
      ...objectStore,
      putIfAbsent: (key, body) => changing(key, () => objectStore.putIfAbsent(key, body)),
      delete: (key) => changing(key, () => objectStore.delete(key)),
    },
    inMonth: async (month) => {
      if (known?.changes === changes && known.month === month.name) return known.sums;
      // A change while the jobs are read makes these sums good for this once only.
      const before = changes;
      const sums = await promised.inMonth(month);
      known = { changes: before, month: month.name, sums };
      return sums;
    },
  };
}
