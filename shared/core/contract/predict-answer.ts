import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { escalationFields, escalationSummarySchema } from './escalation.ts';
import { routeSummarySchema, routeViewSchema } from './route-view.ts';

const labelScoreSchema = z.object({
  label: z.string(),
  score: z.number().min(0).max(1).describe('Probability, rounded to six decimals.'),
});
export type LabelScore = DeepReadonly<z.infer<typeof labelScoreSchema>>;

export const itemErrorSchema = z.object({
  code: z.string().describe('One of the error codes.'),
  detail: z.string().describe('What is wrong; never the text itself.'),
});
export type ItemError = DeepReadonly<z.infer<typeof itemErrorSchema>>;

export const itemResultFields = {
  label: z.exactOptional(z.string()).describe('Best label of a classification.'),
  score: z.exactOptional(z.number().min(0).max(1)).describe('Probability of `label`.'),
  scores: z
    .exactOptional(z.array(labelScoreSchema))
    .describe('The `topK` best labels, best first; only where `topK` was sent.'),
  embedding: z.exactOptional(z.array(z.number())).describe('Vector of unit length.'),
};

/**
 * The part of an answer that comes from a model alone: equal in every lane, every time, unless an endpoint
 * was asked about it.
 */
const itemResultSchema = z.object({ ...itemResultFields, ...escalationFields });
export type ItemResult = DeepReadonly<z.infer<typeof itemResultSchema>>;

const truncatedSchema = z
  .boolean()
  .describe('True where the text has more tokens than the model reads; the rest was left out.');

const envelopeFields = {
  model: z.string(),
  model_version: z.string(),
  processing_time_ms: z.number().nonnegative(),
  request_id: z.string().describe('Also in the header x-request-id and in the log.'),
  route: z
    .union([routeViewSchema, routeSummarySchema])
    .describe('The full form where the request said `Prefer: route=full`.'),
  usage: z.object({
    items: z.int().nonnegative().describe('Texts that the model answered.'),
    tokens: z.int().nonnegative().describe('Tokens that it read for them.'),
  }),
  cost: z
    .object({
      usd: z.number().nonnegative(),
      basis: z.string().describe('What `usd` is computed from.'),
    })
    .describe(
      'What AWS takes for the answer: the call and its time, the API and the log; not a cold start and ' +
        'not the transfer, which the ledger has. On one machine nothing is charged, and `basis` says so.',
    ),
  escalation_summary: z
    .exactOptional(escalationSummarySchema)
    .describe('There where an answer was below the threshold of escalation.'),
};

const answerEnvelopeSchema = z.object(envelopeFields);
/** What an answer says around its results. */
export type AnswerEnvelope = DeepReadonly<z.infer<typeof answerEnvelopeSchema>>;

/** Body of the answer of `POST /predict`. */
export const predictResponseSchema = z.object({
  ...itemResultFields,
  ...escalationFields,
  truncated: truncatedSchema,
  ...envelopeFields,
});
export type PredictResponse = DeepReadonly<z.infer<typeof predictResponseSchema>>;

const indexSchema = z.int().nonnegative().describe('Place of the text in `texts`.');

/** Body of the answer of `POST /predict/batch`; `results[i]` belongs to `texts[i]`. */
export const predictBatchResponseSchema = z.object({
  results: z
    .array(
      z.union([
        z.object({
          index: indexSchema,
          ...itemResultFields,
          ...escalationFields,
          truncated: truncatedSchema,
        }),
        z.object({ index: indexSchema, error: itemErrorSchema }),
      ]),
    )
    .describe('One result or error per text, in the order sent.'),
  ...envelopeFields,
});
export type PredictBatchResponse = DeepReadonly<z.infer<typeof predictBatchResponseSchema>>;
