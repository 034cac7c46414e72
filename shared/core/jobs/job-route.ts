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
  net: z.exactOptional(safetyNetSchema),
  /** Set where workers run in several lanes at once. */
  pools: z.exactOptional(workerPoolsSchema),
  /** Set where CPU and GPU variants of the model may both make rows. */
  mixed: z.exactOptional(z.literal(true)),
  /** Set where the fleet leaves once an instance works. */
  fleetLeaves: z.exactOptional(z.literal(true)),
  /** Set where the lane is only rehearsed. */
  rehearsal: z.exactOptional(z.string()),
  /** Set where the tenant's budget changed the decision; then no deadline is bought. */
  budget: z.exactOptional(budgetEffectSchema),
  /** No worker is started before it. */
  startsAt: z.exactOptional(z.iso.datetime()),
});
export type JobRoute = z.infer<typeof jobRouteSchema>;
