import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';

/**
 * What becomes of work that would take its tenant over the budget. `degrade`: it is run in the cheapest
 * way, late where need be. `queue`: it becomes a job that starts when the next period does. `refuse`: 429.
 */
export const budgetModeSchema = z.enum(['degrade', 'queue', 'refuse']);
export type BudgetMode = z.infer<typeof budgetModeSchema>;

/** An exact amount, as the ledger writes it. */
export const exactUsdSchema = z.string().regex(/^\d{1,20}(\.\d{1,18})?$/);

/** What a tenant may spend in a calendar month of UTC. */
export const tenantBudgetSchema = z.strictObject({
  limitUsd: exactUsdSchema,
  mode: budgetModeSchema,
});
export type TenantBudget = z.infer<typeof tenantBudgetSchema>;

/** How a tenant stands to its budget at one moment: all that a decision knows of it. */
export const budgetStatusSchema = tenantBudgetSchema.extend({
  /** By the rows of the ledger in this month. */
  spentUsd: exactUsdSchema,
  /** Quoted to jobs that were accepted and are not in the ledger yet. */
  promisedUsd: exactUsdSchema,
  /** Start of the next month, and when the sums were made; whole seconds, ISO 8601 in UTC. */
  resetsAt: z.iso.datetime(),
  takenAt: z.iso.datetime(),
});
export type BudgetStatus = z.infer<typeof budgetStatusSchema>;

/** What a budget did to one decision, and by which figures. */
export const budgetEffectSchema = z
  .strictObject({
    effect: z.enum(['none', 'degraded', 'queued', 'refused']),
    mode: budgetModeSchema.describe('What becomes of work that the budget does not pay for.'),
    limit_usd: exactUsdSchema.describe('Of the calendar month of UTC.'),
    spent_usd: exactUsdSchema.describe('By the ledger, in this month.'),
    promised_usd: exactUsdSchema.describe(
      'Quoted to accepted jobs that are not in the ledger yet.',
    ),
    quoted_usd: exactUsdSchema
      .nullable()
      .describe('Of the plan without a budget; null where there was none.'),
    resets_at: z.iso.datetime().describe('Start of the next month.'),
  })
  .describe("A tenant's budget; dollars are exact decimal strings.");
export type BudgetEffect = DeepReadonly<z.infer<typeof budgetEffectSchema>>;
