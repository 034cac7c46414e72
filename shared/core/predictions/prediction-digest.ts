import * as z from 'zod';
import type { ItemOutcome } from '../contract/predict.ts';
import type { PredictionRequest } from './predicted-texts.ts';

/** Items of one request whose digests are kept; a line of the log must not grow without end. */
export const MOST_DIGESTED_ITEMS = 1_000;

const digestItemSchema = z.object({
  /** Length of the text in UTF-16 units. */
  chars: z.int().nonnegative(),
  tokens: z.int().nonnegative().optional(),
  /** Only where it is so. */
  truncated: z.literal(true).optional(),
  /** Best label of a classification, and its probability. */
  label: z.string().optional(),
  score: z.number().optional(),
  /** Code of the error where the model gave no answer. */
  code: z.string().optional(),
});
type DigestItem = z.infer<typeof digestItemSchema>;

/** What a request's ledger row tells of its answers; nothing in it was written by a caller. */
export const predictionDigestSchema = z.object({
  status: z.int().min(100).max(599),
  variant: z.string().nullable(),
  /** Texts that never came to the model: empty, too long, of a wrong type. */
  refused: z.int().nonnegative(),
  items: z.array(digestItemSchema).max(MOST_DIGESTED_ITEMS),
  /** Items that the line had no room for. */
  leftOut: z.int().positive().optional(),
});
export type PredictionDigest = z.infer<typeof predictionDigestSchema>;

/** The digest of a request, answered or not. */
export function digestOf({ status, askedItems, predicted }: PredictionRequest): PredictionDigest {
  const outcomes = predicted?.outcomes ?? [];
  const kept = outcomes.slice(0, MOST_DIGESTED_ITEMS);
  const leftOut = outcomes.length - kept.length;
  return {
    status,
    variant: predicted?.variant ?? null,
    refused: predicted === undefined ? 0 : Math.max(0, askedItems - outcomes.length),
    items: kept.map((outcome, at) => digestItem(predicted?.texts[at] ?? '', outcome)),
    ...(leftOut > 0 ? { leftOut } : {}),
  };
}

function digestItem(text: string, outcome: ItemOutcome): DigestItem {
  const chars = text.length;
  if (!outcome.ok) return { chars, code: outcome.error.code };
  const { answer } = outcome;
  const best = answer.kind === 'classification' ? answer.scores[0] : undefined;
  return {
    chars,
    tokens: answer.tokens,
    ...(answer.truncated ? { truncated: true } : {}),
    ...(best === undefined ? {} : { label: best.label, score: best.score }),
  };
}
