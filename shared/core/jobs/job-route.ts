import * as z from 'zod';
import { budgetEffectSchema } from '../contract/budget.ts';
import { laneSchema } from '../contract/lane.ts';
import { safetyNetSchema } from './safety-net.ts';
import { workerPoolsSchema } from './worker-pools.ts';

/** How a job came to its lane and workers, and what it was quoted; part of `job.json`. */
export const jobRouteSchema = z.strictObject({
  /** The state that decided: kept, so that the decision can be explained later. */
  stateId: z.string(),
  reason: z.string(),
  lane: laneSchema,
  workers: z.int().positive(),
  /** Rows and tokens as they were estimated. */
  items: z.int().nonnegative(),
  tokens: z.number().nonnegative(),
  quote: z.strictObject({
    usd: z.number().nonnegative(),
    /** From its acceptance, with the target chance. */
    finishSeconds: z.number().nonnegative(),
    onTime: z.boolean(),
  }),
  /** Set where the plan has one: what it needs, for whoever looks at the running job. */
  net: safetyNetSchema.optional(),
  /** Set where workers run in several lanes at once. */
  pools: workerPoolsSchema.optional(),
  /** Set where CPU and GPU variants of the model may both make rows. */
  mixed: z.literal(true).optional(),
  /** Set where the fleet leaves once an instance works. */
  fleetLeaves: z.literal(true).optional(),
  /** Set where the lane is only rehearsed. */
  rehearsal: z.string().optional(),
  /** Set where the tenant's budget changed the decision; then no deadline is bought. */
  budget: budgetEffectSchema.optional(),
  /** No worker is started before it. */
  startsAt: z.iso.datetime().optional(),
});
export type JobRoute = z.infer<typeof jobRouteSchema>;
