import * as z from 'zod';
import { answererSchema, escalationFailures } from '../contract/escalation.ts';
import { endpointPriceSchema } from '../escalation/escalation-settings.ts';
import type { EscalationUse } from '../escalation/escalation-use.ts';

const count = z.int().nonnegative();
const tokensSchema = z.object({ input: count, output: count });

const useSchema: z.ZodType<EscalationUse> = z.object({
  by: answererSchema,
  threshold: z.number(),
  escalated: count,
  failed: count,
  skipped: count,
  reasons: z.array(z.enum(escalationFailures)),
  useful: tokensSchema,
  lost: tokensSchema,
  uncounted: count,
  millis: z.number().nonnegative(),
  price: z.exactOptional(endpointPriceSchema),
});

/** What the second answers of one call took, as its log says it; priced by whoever reads it. */
export const escalationLineSchema = z.object({
  escalation: z.literal(1),
  /** Also what tells the log's subscription that the line is kept. */
  basis: z.literal('estimate'),
  /** Of the request. */
  id: z.string().min(1).max(300),
  at: z.iso.datetime(),
  tenant: z.string(),
  region: z.string(),
  architecture: z.enum(['x86_64', 'arm64']),
  memoryMib: z.number().nonnegative(),
  use: useSchema,
});
export type EscalationLine = z.infer<typeof escalationLineSchema>;
