import { SwitchyardError } from '../switchyard-error.ts';
import type { BudgetOutcome } from './live-route.ts';
import { budgetView } from './live-view.ts';

/** 429 for work that the tenant's budget does not pay for, with the figures and the way out. */
export function refuseBudget(
  budget: BudgetOutcome,
  answered: { readonly stateId: string; readonly acceptsJob: boolean },
): SwitchyardError {
  const { effect: _, ...figures } = budgetView(budget);
  const { resetsAt, takenAt, limitUsd } = budget.status;
  const retryAfterSeconds = Math.max(1, (Date.parse(resetsAt) - Date.parse(takenAt)) / 1_000);
  return new SwitchyardError(
    'budget_exceeded',
    `this month's budget of ${limitUsd} USD does not pay for it; ${remedy(budget, answered.acceptsJob)}`,
    { members: { stateId: answered.stateId, ...figures }, retryAfterSeconds },
  );
}

function remedy({ status, quotedUsd }: BudgetOutcome, acceptsJob: boolean): string {
  const { mode, limitUsd, resetsAt } = status;
  // Of the order of the limit is all that this has to know.
  if (Number(quotedUsd) > Number(limitUsd)) return 'no month does: send less, or have it raised';
  if (mode === 'queue' && !acceptsJob) {
    return `send it again with "Prefer: respond-async" to have it run after ${resetsAt}`;
  }
  return `send it again after ${resetsAt}, or have the budget raised`;
}
