import * as z from 'zod';
import { type TenantBudget, tenantBudgetSchema } from '../contract/budget.ts';
import { Usd } from '../cost/usd.ts';
import type { DeploymentConfig } from './deployment-config.ts';

/** The budgets of a deployment, as a file in the packages of the functions that decide. */
export const deployedBudgetsSchema = z.strictObject({
  /** Of every tenant that is not named. */
  others: tenantBudgetSchema.optional(),
  tenants: z.record(z.string(), tenantBudgetSchema),
});
export type DeployedBudgets = z.infer<typeof deployedBudgetsSchema>;

/** Undefined where nobody has a budget. */
export function deployedBudgets({ tenantBudgets }: DeploymentConfig): DeployedBudgets | undefined {
  const { monthlyUsd, mode, tenants } = tenantBudgets;
  const own = Object.entries(tenants).map(([tenant, budget]) => [tenant, budgetOf(budget)]);
  if (monthlyUsd === undefined && own.length === 0) return undefined;
  return {
    ...(monthlyUsd === undefined ? {} : { others: budgetOf({ monthlyUsd, mode }) }),
    tenants: Object.fromEntries(own),
  };
}

export function budgetOfTenant(budgets: DeployedBudgets, tenant: string): TenantBudget | undefined {
  return Object.hasOwn(budgets.tenants, tenant) ? budgets.tenants[tenant] : budgets.others;
}

function budgetOf(budget: {
  readonly monthlyUsd: number;
  readonly mode: TenantBudget['mode'];
}): TenantBudget {
  return { limitUsd: new Usd(budget.monthlyUsd).toFixed(), mode: budget.mode };
}
