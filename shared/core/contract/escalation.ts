import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';

/** Why an item keeps its first answer although another one was asked for. */
export const escalationFailures = [
  /** No answer within the rule's time, or before the request's deadline. */
  'timed_out',
  /** Too much was asked of the other side, still after the retries. */
  'rate_limited',
  /** The endpoint takes no such request: a wrong key, no such model, no structured output. */
  'refused',
  /** It cannot be reached, broke off, or fails by itself. */
  'unavailable',
  /** What came is not one of the labels. */
  'invalid_answer',
] as const;
export type EscalationFailure = (typeof escalationFailures)[number];

/** Why another answer was not even asked for. */
const escalationSkips = [
  /** Enough less certain items of the same request were asked about. */
  'max_items',
  /** The request's deadline leaves no time. */
  'deadline',
  /** It could cost more than the request's `maxUsd` or its sender's budget leaves. */
  'price_limit',
  /** There is such a limit, and nobody knows what it would cost. */
  'price_unknown',
] as const;
export type EscalationSkip = (typeof escalationSkips)[number];

export const answererSchema = z.object({
  kind: z
    .enum(['model', 'endpoint'])
    .describe(
      "`model`: one of this deployment. `endpoint`: another's service, which read the text.",
    ),
  model: z.string(),
  model_version: z.exactOptional(z.string()).describe('Of a model of this deployment.'),
  host: z.exactOptional(z.string()).describe('Of an endpoint.'),
});
/** Who gives the second answer. */
export type EscalationAnswerer = DeepReadonly<z.infer<typeof answererSchema>>;

export const escalatedSchema = z.object({
  by: answererSchema,
  from: z
    .object({ label: z.string(), score: z.number(), model: z.string() })
    .describe("What the request's own model had said."),
});
export type Escalated = DeepReadonly<z.infer<typeof escalatedSchema>>;

export const escalationNoteSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('failed'), reason: z.enum(escalationFailures) }),
  z.object({ status: z.literal('skipped'), reason: z.enum(escalationSkips) }),
]);
export type EscalationNote = DeepReadonly<z.infer<typeof escalationNoteSchema>>;

/** What an item says of its second answer, or of the lack of one. */
export const escalationFields = {
  escalated: z
    .exactOptional(escalatedSchema)
    .describe('The answer was not certain enough, and this is the second one.'),
  escalation: z
    .exactOptional(escalationNoteSchema)
    .describe('The answer was not certain enough, and why it is the first one all the same.'),
};

/** Around the results of an answer in which items were below the threshold. */
export const escalationSummarySchema = z.object({
  by: answererSchema,
  threshold: z.number(),
  escalated: z.int().nonnegative().describe('Items with a second answer.'),
  failed: z.int().nonnegative().describe('Items that were asked about in vain.'),
  skipped: z.int().nonnegative().describe('Items below the threshold that nobody was asked about.'),
  tokens: z.int().nonnegative().describe('Read and written by who was asked, failures included.'),
  processing_time_ms: z.number().nonnegative(),
  usd: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Its part of `cost.usd`; null where no price is known: then `cost.usd` is too low.'),
  basis: z.string().describe('What `usd` is computed from, or why there is none.'),
});
export type EscalationSummary = DeepReadonly<z.infer<typeof escalationSummarySchema>>;
