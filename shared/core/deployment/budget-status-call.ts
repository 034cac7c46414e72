import * as z from 'zod';
import { type BudgetStatus, budgetStatusSchema } from '../contract/budget.ts';

/** The payload of an Invoke that asks the jobs function how a tenant stands to its budget. */
export const budgetStatusCallSchema = z.strictObject({
  kind: z.literal('budget-status'),
  tenant: z.string(),
});

const budgetStatusReplySchema = z.object({ status: budgetStatusSchema.optional() });

/** Undefined where there is no budget, or the other side knows no such call. */
export function readBudgetStatusReply(reply: unknown): BudgetStatus | undefined {
  return budgetStatusReplySchema.safeParse(reply).data?.status;
}
