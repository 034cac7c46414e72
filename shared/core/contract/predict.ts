import * as z from 'zod';
import { modelNameSchema } from '../models/model-manifest.ts';
import type { Escalated, EscalationNote } from './escalation.ts';
import { laneSchema } from './lane.ts';
import type { Limits } from './limits.ts';
import type { ItemError, LabelScore } from './predict-answer.ts';

/** The model that answers when a request names none. */
export const DEFAULT_MODEL = 'sst2-minilm';

/** One text to classify or embed: 1 to `textUnits` UTF-16 units, not blank. */
export function textSchema(limits: Limits) {
  return (
    z
      .string({
        error: ({ input }) => (input === undefined ? undefined : 'a text must be a string'),
      })
      // Not .max(): zod counts code points, the limit counts UTF-16 units as every client does.
      .refine((text) => text.length <= limits.textUnits, {
        error: `a text may have at most ${limits.textUnits} UTF-16 units; split it`,
      })
      .refine((text) => text.trim() !== '', 'a text may not be empty or blank')
      .describe(`1 to ${limits.textUnits} UTF-16 units, not blank.`)
  );
}

/** What a request may say besides its texts. */
export const predictOptions = {
  model: modelNameSchema.default(DEFAULT_MODEL).describe('A name of `GET /models`.'),
  topK: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('How many labels to return, best first, in `scores`.'),
  deadlineMs: z
    .int()
    .min(1)
    .max(604_800_000)
    .optional()
    .describe('Milliseconds from arrival by which the answer is wanted.'),
  lane: laneSchema.optional().describe('Where it must run; without it the router chooses.'),
  maxUsd: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe("Most dollars that it may cost, by the router's estimate."),
};

/** Of requests that are answered at once; a job is never escalated. */
const escalateOption = {
  escalate: z
    .boolean()
    .optional()
    .describe(
      'Whether answers that are not certain enough may be asked of another. Without it, as the deployment is set up; `true` is refused where the model has no such rule.',
    ),
};

/** Body of `POST /predict`. */
export function predictRequestSchema(limits: Limits) {
  return z.strictObject({ text: textSchema(limits), ...predictOptions, ...escalateOption });
}

/**
 * Body of `POST /predict/batch`. The texts are checked one by one afterwards, so that one bad item
 * does not fail its neighbours; a non-string is an item error too.
 */
export function predictBatchRequestSchema(limits: Limits) {
  return z.strictObject({
    texts: z
      .array(z.unknown())
      .min(1)
      .max(limits.requestItems)
      .describe('Strings; one that is not valid gets an error of its own.'),
    ...predictOptions,
    ...escalateOption,
  });
}
export type PredictBatchRequest = z.infer<ReturnType<typeof predictBatchRequestSchema>>;

/** What the model said about one item, before it is shaped for an answer or a result line. */
export type ItemAnswer =
  | {
      readonly kind: 'classification';
      /** Every label, best first; at least one. */
      readonly scores: readonly LabelScore[];
      readonly truncated: boolean;
      readonly tokens: number;
      /** Set where the answer was not certain enough and escalation is on. */
      readonly escalation?: ItemEscalation;
    }
  | {
      readonly kind: 'embedding';
      /** Unit-length vector. */
      readonly embedding: readonly number[];
      readonly truncated: boolean;
      readonly tokens: number;
    };

/** `escalated`: this is the second answer; `escalation`: why it is still the first. */
export type ItemEscalation =
  | { readonly escalated: Escalated }
  | { readonly escalation: EscalationNote };

export type ItemOutcome =
  | { readonly ok: true; readonly answer: ItemAnswer }
  | { readonly ok: false; readonly error: ItemError };

/** An endpoint's choice: it states no probability, and none is made up. */
export interface ChosenLabel {
  readonly kind: 'label';
  readonly label: string;
  readonly truncated: boolean;
  /** Of the first answer. */
  readonly tokens: number;
  readonly escalation: ItemEscalation;
}

/** What is answered about an item, after escalation. */
export type FinalOutcome = ItemOutcome | { readonly ok: true; readonly answer: ChosenLabel };
