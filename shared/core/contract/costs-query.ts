import * as z from 'zod';

const daySchema = z.iso.date({ error: 'a day is YYYY-MM-DD' });

/** Query of `GET /costs`: days of UTC, both included; without them the last 30 days. */
export const costsQuerySchema = z.strictObject({
  from: daySchema.optional(),
  to: daySchema.optional(),
});
