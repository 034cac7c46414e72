import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** Shares of the budget, percent, at which somebody is told; the last of them before it is spent. */
const NOTICES = [
  { percent: 80, of: 'ACTUAL' },
  { percent: 100, of: 'FORECASTED' },
] as const;

/**
 * Tells by e-mail when this deployment spends more than it should. The tag has to be activated for cost
 * allocation in the account's billing, or the budget counts nothing.
 */
export function addSpendingBudget(scope: Construct, config: DeploymentConfig): void {
  const { monthlyBudgetUsd, notifyEmail } = config;
  if (monthlyBudgetUsd === undefined || notifyEmail === undefined) return;
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:switchyard:deployment$${config.name}`] },
    },
    notificationsWithSubscribers: NOTICES.map(({ percent, of }) => ({
      notification: {
        comparisonOperator: 'GREATER_THAN',
        notificationType: of,
        threshold: percent,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'EMAIL', address: notifyEmail }],
    })),
  });
}
