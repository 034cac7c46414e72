import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';

const exactUsd = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .describe('Decimal number: an exact sum.');

const sharesSchema = z.array(z.object({ name: z.string(), usd: exactUsd }));
const count = z.int().nonnegative();
const day = z.string().describe('UTC, ISO 8601.');

const monthSchema = z.object({
  requests: z.number().nonnegative(),
  bulk_items: z.number().nonnegative(),
  basis: z.string().describe('How the month was made of the days there are.'),
  plan: z.string().describe('The alternative that this service is.'),
  usd: z.number(),
  usd_after_free_allowances: z.number(),
  regret: z
    .number()
    .nullable()
    .describe(
      'What was paid, as a multiple of the cheapest way that hindsight shows; 1 is perfect.',
    ),
  alternatives: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      usd: z.number(),
      fixed_usd: z.number().describe('Of it, what a month without work costs too.'),
    }),
  ),
  unknown_prices: z.array(z.string()).describe('What no source gives a price for.'),
});

/** Body of `GET /costs`. */
export const costsViewSchema = z.object({
  from: day,
  to: day,
  usd: exactUsd,
  basis: z.string(),
  requests: count,
  jobs: count,
  attempts: count.describe('Runs of workers.'),
  escalations: count.describe('Requests with answers that were asked of another.'),
  items: count,
  tokens: count,
  by_kind: sharesSchema.describe('`useful`, `warm`, `idle`, `lost`.'),
  by_lane: sharesSchema,
  by_model: sharesSchema,
  by_item: sharesSchema.describe('By what was used.'),
  by_day: sharesSchema,
  unpriced: z
    .array(z.string())
    .describe('Items of which nobody knows the price; where there are any, `usd` is too low.'),
  month: monthSchema
    .nullable()
    .describe('What a month of this work costs here and elsewhere; null without any work.'),
  warm_ups: z
    .object({ count, usd: exactUsd })
    .describe("Of the whole deployment, so not in the caller's `usd`."),
});
export type CostsView = DeepReadonly<z.infer<typeof costsViewSchema>>;
