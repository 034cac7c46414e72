import * as z from 'zod';

/** Query of `GET /jobs/{id}/results|errors`: `partial=true` reads what is committed so far. */
export const jobPartQuerySchema = z.strictObject({
  partial: z.enum(['true', 'false']).default('false'),
});

/** Says whether the lines are all there will be. */
export const COMPLETE_HEADER = 'x-switchyard-complete';
