import * as z from 'zod';
import { modelCurvesSchema } from '../curves/model-curves.ts';
import { laneRatesSchema } from './lane-rates-schema.ts';
import { routerStateSchema } from './router-state.ts';

/**
 * What a live decision is made from: a router state, and what turns a request into tokens. Kept under
 * the state's id, so that a decision can be explained at any later time.
 */
export const liveStateSchema = z.strictObject({
  router: routerStateSchema,
  tokens: modelCurvesSchema.shape.tokens,
  /** What quotes are priced by, as charges are. */
  rates: laneRatesSchema,
  /** Most tokens of one item. */
  tokenLimit: z.int().positive(),
  /**
   * True where workers stand idle between jobs: a job without a deadline then gets all that are of use
   * instead of the one that costs least.
   */
  widensJobs: z.boolean(),
  /** Set where lanes of this state are only rehearsed; shown with every answer. */
  rehearsal: z.string().max(300).optional(),
});
export type LiveState = z.infer<typeof liveStateSchema>;

/** A state before it has its id, which is a digest of everything but the time. */
export interface UnnamedState extends Omit<LiveState, 'router'> {
  readonly router: Omit<LiveState['router'], 'stateId'>;
}
