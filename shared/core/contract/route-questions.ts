import * as z from 'zod';
import type { Limits } from './limits.ts';
import { predictOptions, textSchema } from './predict.ts';

/** Deadlines that are quoted when none are named: 5 minutes, an hour, a day. */
const QUOTED_DEADLINES_MS = [300_000, 3_600_000, 86_400_000] as const;

/** Id of a state that an answer named, perhaps with a budget behind it. */
const stateIdSchema = z
  .string()
  .max(300)
  .regex(/^rs-[0-9a-f]{24}(~[a-z0-9.~]+)?$/, 'a stateId is what an answer named');

function workFields(limits: Limits) {
  return {
    text: textSchema(limits).optional().describe('The text of a `POST /predict`.'),
    texts: z
      .array(z.unknown())
      .min(1)
      .max(limits.requestItems)
      .optional()
      .describe('Or the texts of a `POST /predict/batch`.'),
    items: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('Or how much there is in a file: rows, and in `bytes` their texts in UTF-8.'),
    bytes: z.int().min(0).max(1e13).optional().describe('Only with `items`.'),
    mixed: z.boolean().optional().describe('As in the options of a job; only with `items`.'),
    stateId: stateIdSchema
      .optional()
      .describe('Decides by an earlier state instead of the present one.'),
  };
}

interface Work {
  readonly text?: string | undefined;
  readonly texts?: readonly unknown[] | undefined;
  readonly items?: number | undefined;
  readonly bytes?: number | undefined;
}

const oneKindOfWork = ({ text, texts, items, bytes }: Work): boolean => {
  const kinds = [text, texts, items].filter((kind) => kind !== undefined);
  return kinds.length === 1 && (items === undefined) === (bytes === undefined);
};
const workError = { error: 'give either text, or texts, or items with bytes' };

/**
 * Body of `POST /route:explain`: the body of the request whose route is asked for (with the same
 * `Prefer`), or the size of a job.
 */
export function explainRequestSchema(limits: Limits) {
  return z
    .strictObject({ ...workFields(limits), ...predictOptions })
    .refine(oneKindOfWork, workError);
}
export type ExplainRequest = z.infer<ReturnType<typeof explainRequestSchema>>;

/** Body of `POST /quotes`: the work, and the deadlines to compare. */
export function quotesRequestSchema(limits: Limits) {
  const { model, lane, maxUsd } = predictOptions;
  return z
    .strictObject({
      ...workFields(limits),
      model,
      lane,
      maxUsd,
      deadlinesMs: z
        .array(z.int().min(1).max(604_800_000))
        .min(1)
        .max(10)
        .default([...QUOTED_DEADLINES_MS]),
    })
    .refine(oneKindOfWork, workError);
}
export type QuotesRequest = z.infer<ReturnType<typeof quotesRequestSchema>>;
