import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { budgetEffectSchema } from './budget.ts';
import { laneSchema } from './lane.ts';

const rehearsalSchema = z
  .exactOptional(z.string())
  .describe('Set where the GPU lanes are only rehearsed on this machine.');

const summaryFields = {
  lane: laneSchema,
  reason: z.string().describe('Why this lane was taken.'),
  stateId: z
    .exactOptional(z.string())
    .describe('Under this id `POST /route:explain` makes the same decision again.'),
  rehearsal: rehearsalSchema,
  budget: z
    .exactOptional(budgetEffectSchema)
    .describe("Set where the tenant's budget changed the decision, and in the full form."),
  startsAt: z
    .exactOptional(z.iso.datetime())
    .describe('When the work starts, where a budget makes it wait.'),
};

/** Why a lane was taken: the short form of the router's decision, part of every answer. */
export const routeSummarySchema = z.object(summaryFields);
export type RouteSummary = DeepReadonly<z.infer<typeof routeSummarySchema>>;

const safetyNetSchema = z.object({
  lane: z.enum(['gpu-on-demand', 'cpu-fleet']),
  bySeconds: z.number().describe('When the work must be done.'),
});

const instancesSchema = z.int().positive();
const poolSchema = z.string().describe('Kind of instance.');

/** How work would be run: in the request, by a fleet, by GPU instances, or by both. */
export const routePlanSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('inline') }),
  z.object({ kind: z.literal('fleet'), width: z.int().positive().describe('Workers at a time.') }),
  z.object({ kind: z.literal('on-demand'), pool: poolSchema, instances: instancesSchema }),
  z.object({
    kind: z.literal('spot'),
    pool: poolSchema,
    instances: instancesSchema,
    net: safetyNetSchema
      .optional()
      .describe('Who finishes what spot leaves undone; without it, it takes as long as it takes.'),
  }),
  z.object({
    kind: z.literal('bridge'),
    pool: poolSchema,
    instances: instancesSchema,
    width: z.int().positive(),
    fleetUntil: z
      .enum(['boot', 'end'])
      .describe('`boot`: the fleet stops when the GPU is up. `end`: both work to the end.'),
  }),
]);

const usd = z.number().nonnegative();

const priceTermsSchema = z
  .object({
    run: usd.describe('Work whose results count.'),
    init: usd.describe('Lambda environments getting ready.'),
    request: usd,
    boot: usd.describe('Instances from start to their first row.'),
    disk: usd.describe('Disk and public address.'),
    idle: usd.describe('Instances after their last row.'),
    lost: usd.describe('Set-ups and work repeated after losses.'),
    bookkeeping: usd.describe('Requests to the object store.'),
  })
  .describe('Dollars by what they are for.');

const candidateSchema = z.object({
  lanes: z.array(laneSchema),
  plan: routePlanSchema,
  verdict: z.enum(['chosen', 'late', 'dearer', 'over-budget']),
  finishSeconds: z
    .number()
    .describe('From the start of the work; done by then with at least the chance `target`.'),
  time: z
    .object({ p50Seconds: z.number(), p90Seconds: z.number(), p99Seconds: z.number() })
    .describe('Finish times that are not exceeded with these chances.'),
  chance: z.number().min(0).max(1).nullable().describe('To be on time; null without a deadline.'),
  usd: usd.describe('Expected dollars.'),
  terms: priceTermsSchema,
});
export type CandidateView = DeepReadonly<z.infer<typeof candidateSchema>>;

/** The full form of a decision: what was asked, what was chosen, and what else could have been. */
export const routeViewSchema = z.object({
  ...summaryFields,
  items: z.int().nonnegative(),
  tokens: z.number().nonnegative().describe('Estimated from bytes.'),
  onTime: z.boolean(),
  target: z.number().min(0).max(1).describe('Least chance to be on time that a plan must have.'),
  chosen: candidateSchema.nullable().describe('Null where the request is refused.'),
  candidates: z.array(candidateSchema).describe('Cheapest first, the chosen one among them.'),
  assumptions: z.array(z.string()),
});
export type RouteView = DeepReadonly<z.infer<typeof routeViewSchema>>;

const offerSchema = z.object({
  lane: laneSchema,
  finish_seconds: z.number(),
  usd,
  as_job: z.boolean().describe('True where the caller must accept a job for it.'),
});

/** What a refused request could be instead: the soonest way and the cheapest one, as a job or here. */
export const routeOffersSchema = z
  .object({ earliest: offerSchema, cheapest: offerSchema })
  .describe('The soonest and the cheapest way, where deadline or price cannot be kept.');
export type RouteOffers = DeepReadonly<z.infer<typeof routeOffersSchema>>;

/** Body of the answer of `POST /route:explain`. */
export const explainResponseSchema = z.object({
  model: z.string(),
  route: routeViewSchema,
  offers: z.exactOptional(routeOffersSchema),
});
export type ExplainResponse = DeepReadonly<z.infer<typeof explainResponseSchema>>;

const quotedPlanSchema = z.object({
  lane: laneSchema,
  lanes: z.array(laneSchema),
  workers: z.int().positive(),
  plan: routePlanSchema,
  finishSeconds: z.number().describe('From now.'),
  chance: z.number().min(0).max(1).describe('Chance to be on time.'),
  usd: usd.describe('What will be charged if it takes as long as is foretold.'),
});
export type QuotedPlan = DeepReadonly<z.infer<typeof quotedPlanSchema>>;

const quoteSchema = z.object({
  deadlineMs: z.int().positive(),
  onTime: z.boolean(),
  reason: z.string(),
  plan: quotedPlanSchema.nullable().describe('Null where the work is refused at this deadline.'),
  offers: z.exactOptional(routeOffersSchema),
  budget: z
    .exactOptional(budgetEffectSchema)
    .describe("What the tenant's budget does to it; absent where there is none."),
});
export type QuoteView = DeepReadonly<z.infer<typeof quoteSchema>>;

/** Body of the answer of `POST /quotes`: the same work at several deadlines, side by side. */
export const quotesViewSchema = z.object({
  stateId: z.string(),
  model: z.string(),
  items: z.int().positive(),
  tokens: z.number().describe('Estimated from bytes; a whole file may be off by `tokensError`.'),
  tokensError: z.number(),
  quotes: z.array(quoteSchema),
  assumptions: z.array(z.string()),
  rehearsal: rehearsalSchema,
});
export type QuotesView = DeepReadonly<z.infer<typeof quotesViewSchema>>;

/** How a job came to run where it does. */
export const jobRouteViewSchema = routeSummarySchema.extend({
  workers: z.int().positive(),
  tokens: z.number().nonnegative().describe('Estimated from bytes.'),
  pools: z
    .exactOptional(z.array(z.object({ lane: laneSchema, workers: z.int().positive() })).readonly())
    .describe('Workers by lane, where they run in several at once.'),
  mixed: z
    .exactOptional(z.literal(true))
    .describe('CPU and GPU variants both make rows; each line names its own.'),
});
