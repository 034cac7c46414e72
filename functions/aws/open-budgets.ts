import { LEDGER_PREFIX, readLedgerObject } from '#adapters/aws/object-ledger.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { createUsagePricer } from '#core/cost/usage-line.ts';
import { budgetOfTenant, type DeployedBudgets } from '#core/deployment/deployed-budgets.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import { createStoredSums } from '#work/budgets/stored-sums.ts';
import { createTenantBudgets } from '#work/budgets/tenant-budgets.ts';
import { openShippedPricesOfToday } from './open-job-charges.ts';

/** The budgets of tenants, by the ledger in the data bucket; sums are a minute old at most. */
export function openBudgets(budgets: DeployedBudgets, objectStore: ObjectStore): TenantBudgets {
  const priceUsage = createUsagePricer(openShippedPricesOfToday);
  const sums = createStoredSums({
    objectStore,
    clock: systemClock,
    ledgerPrefix: LEDGER_PREFIX,
    readRows: (key) => readLedgerObject({ objectStore, priceUsage }, key),
  });
  return createTenantBudgets({
    budgetOf: (tenant) => budgetOfTenant(budgets, tenant),
    sumsOf: (month) => sums.sumsOf(month),
    clock: systemClock,
  });
}
