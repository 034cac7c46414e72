import * as z from 'zod';
import { modelNameSchema } from '../models/model-manifest.ts';
import { laneSchema, type RouteSummary } from './lane.ts';
import type { Limits } from './limits.ts';

/** The model that answers when a request names none. */
export const DEFAULT_MODEL = 'sst2-minilm';

/** One text to classify or embed: 1 to `textUnits` UTF-16 units, not blank. */
export function textSchema(limits: Limits) {
  return (
    z
      .string()
      // Not .max(): zod counts code points, the limit counts UTF-16 units as every client does.
      .refine((text) => text.length <= limits.textUnits, {
        error: `a text may have at most ${limits.textUnits} UTF-16 units; split it`,
      })
      .refine((text) => text.trim() !== '', 'a text may not be empty or blank')
  );
}

/** What a request may say besides its texts. */
export const predictOptions = {
  model: modelNameSchema.default(DEFAULT_MODEL),
  /** How many labels to return, best first, in `scores`. */
  topK: z.int().min(1).max(100).optional(),
  /** Milliseconds from arrival by which the answer is wanted. */
  deadlineMs: z.int().min(1).max(604_800_000).optional(),
  lane: laneSchema.optional(),
  /** Most dollars that it may cost, by the router's estimate. */
  maxUsd: z.number().positive().max(1_000_000).optional(),
};

/** Body of `POST /predict`. */
export function predictRequestSchema(limits: Limits) {
  return z.strictObject({ text: textSchema(limits), ...predictOptions });
}

/**
 * Body of `POST /predict/batch`. The texts are checked one by one afterwards, so that one bad item
 * does not fail its neighbours; a non-string is an item error too.
 */
export function predictBatchRequestSchema(limits: Limits) {
  return z.strictObject({
    texts: z.array(z.unknown()).min(1, 'texts may not be empty').max(limits.requestItems),
    ...predictOptions,
  });
}
export type PredictBatchRequest = z.infer<ReturnType<typeof predictBatchRequestSchema>>;

export interface LabelScore {
  readonly label: string;
  /** Probability, 0–1, rounded to six decimals. */
  readonly score: number;
}

/** What the model said about one item, before it is shaped for an answer or a result line. */
export type ItemAnswer =
  | {
      readonly kind: 'classification';
      /** Every label, best first; at least one. */
      readonly scores: readonly LabelScore[];
      readonly truncated: boolean;
      readonly tokens: number;
    }
  | {
      readonly kind: 'embedding';
      /** Unit-length vector. */
      readonly embedding: readonly number[];
      readonly truncated: boolean;
      readonly tokens: number;
    };

export type ItemOutcome =
  | { readonly ok: true; readonly answer: ItemAnswer }
  | { readonly ok: false; readonly error: ItemError };

export interface ItemError {
  readonly code: string;
  readonly detail: string;
}

/** The part of an answer that comes from the model alone: equal in every lane, every time. */
export interface ItemResult {
  readonly label?: string;
  readonly score?: number;
  readonly scores?: readonly LabelScore[];
  readonly embedding?: readonly number[];
  readonly truncated?: boolean;
}

/** Body of the answer of `POST /predict`. */
export interface PredictResponse extends ItemResult, AnswerEnvelope {
  readonly truncated: boolean;
}

/** Body of the answer of `POST /predict/batch`; `results[i]` belongs to `texts[i]`. */
export interface PredictBatchResponse extends AnswerEnvelope {
  readonly results: readonly (
    | ({ readonly index: number; readonly truncated: boolean } & ItemResult)
    | { readonly index: number; readonly error: ItemError }
  )[];
}

export interface AnswerEnvelope {
  readonly model: string;
  readonly model_version: string;
  readonly processing_time_ms: number;
  readonly request_id: string;
  readonly route: RouteSummary;
  readonly usage: { readonly items: number; readonly tokens: number };
  /** What the answer cost; on one machine nothing is metered, and `basis` says so. */
  readonly cost: { readonly usd: number; readonly basis: string };
}
