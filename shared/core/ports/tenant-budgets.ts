import type { BudgetStatus } from '../contract/budget.ts';

/** What tenants may spend in a month, and what they have. */
export interface TenantBudgets {
  /** Undefined for a tenant without a budget. How old the sums may be is the implementation's to say. */
  statusOf(tenant: string): Promise<BudgetStatus | undefined>;
}
