import type { BudgetStatus, TenantBudget } from '#core/contract/budget.ts';
import { type BudgetMonth, budgetMonthAt } from '#core/cost/budget-month.ts';
import type { Usd } from '#core/cost/usd.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import { isoSeconds } from '#core/routing/budget-state-id.ts';

/** Sums of one month by tenant; who is not named has none. */
export interface MonthSums {
  readonly spent: ReadonlyMap<string, Usd>;
  readonly promised: ReadonlyMap<string, Usd>;
  /** When they were made. */
  readonly takenAtMillis: number;
}

/** Compares what tenants may spend with sums that somebody makes. */
export function createTenantBudgets(options: {
  readonly budgetOf: (tenant: string) => TenantBudget | undefined;
  readonly sumsOf: (month: BudgetMonth) => Promise<MonthSums>;
  readonly clock: Clock;
}): TenantBudgets {
  return {
    async statusOf(tenant) {
      const budget = options.budgetOf(tenant);
      if (budget === undefined) return undefined;
      const month = budgetMonthAt(options.clock.epochMillis());
      return statusFrom(budget, { tenant, month, sums: await options.sumsOf(month) });
    },
  };
}

function statusFrom(
  budget: TenantBudget,
  {
    tenant,
    month,
    sums,
  }: { readonly tenant: string; readonly month: BudgetMonth; readonly sums: MonthSums },
): BudgetStatus {
  return {
    ...budget,
    spentUsd: sums.spent.get(tenant)?.toFixed() ?? '0',
    promisedUsd: sums.promised.get(tenant)?.toFixed() ?? '0',
    resetsAt: isoSeconds(month.toMillis),
    takenAt: isoSeconds(sums.takenAtMillis),
  };
}
