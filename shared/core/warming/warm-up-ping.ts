import * as z from 'zod';

/** Longest time a ping may hold its environment: it is paid for, and callers may need it. */
export const MOST_HOLD_MILLIS = 5_000;

/**
 * What the warmer sends to the inference function. API Gateway's events have other members, so no
 * caller from outside can send one.
 */
export const warmUpPingSchema = z.strictObject({
  source: z.literal('switchyard.warm-up'),
  /** How long the environment is held after its inference, so that no other ping gets the same one. */
  holdMillis: z.number().int().min(0).max(MOST_HOLD_MILLIS),
});
export type WarmUpPing = z.infer<typeof warmUpPingSchema>;

export function warmUpPing(holdMillis: number): WarmUpPing {
  return { source: 'switchyard.warm-up', holdMillis: Math.min(holdMillis, MOST_HOLD_MILLIS) };
}

/** What a warmed environment says about itself. */
export const warmUpAnswerSchema = z.object({
  /** The same for the life of the environment; no two have the same. */
  environmentId: z.string().min(1),
  /** True where the ping was the first thing that the environment was ever given. */
  cold: z.boolean(),
  /** Models that gave the answer of their manifest, with the time of that inference. */
  models: z.array(z.object({ model: z.string(), millis: z.number() })).min(1),
  /** Sessions that the environment has opened since its start; more than one per model is a fault. */
  sessionsOpened: z.number().int().min(0),
  /** From the start of the process to its first call; billed by Lambda where `cold`. */
  initMillis: z.number().min(0),
  /** Time of this call, the hold included. */
  handlerMillis: z.number().min(0),
  /** See `avoided-cold-starts.ts`; since the ping before. */
  coldStartsAvoided: z.number().int().min(0),
  memoryMib: z.number().min(0),
  architecture: z.enum(['x86_64', 'arm64']),
});
export type WarmUpAnswer = z.infer<typeof warmUpAnswerSchema>;
