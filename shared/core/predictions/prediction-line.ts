import * as z from 'zod';
import type { ItemOutcome } from '../contract/predict.ts';
import { type CutText, cutTexts } from './cut-texts.ts';
import type { PredictionRequest } from './predicted-texts.ts';

/**
 * Largest line, in bytes of UTF-8. CloudWatch takes 262,144 bytes with its own 26, Firehose 1,024,000;
 * the log adds two fields of its own.
 */
export const MOST_LINE_BYTES = 245_760;
/** Labels of an item, best first. */
const MOST_SCORES = 20;
/** What is left for everything but the texts; further items are left out. */
const MOST_FRAME_BYTES = 122_880;

const lineItemSchema = z.object({
  index: z.int().nonnegative(),
  text: z.string(),
  /** Only where the text was longer. */
  cut: z.literal(true).optional(),
  tokens: z.int().nonnegative().optional(),
  truncated: z.literal(true).optional(),
  scores: z.array(z.object({ label: z.string(), score: z.number() })).optional(),
  /** Code of the error where the model gave no answer. */
  code: z.string().optional(),
});
type LineItem = z.infer<typeof lineItemSchema>;

/** The texts of a request and what the model said of each. Written only where `full` is set. */
export const predictionLineSchema = z.object({
  /** Also what tells the log's subscription that the line is kept. */
  prediction: z.literal(1),
  id: z.string(),
  at: z.iso.datetime(),
  tenant: z.string(),
  model: z.string(),
  variant: z.string().nullable(),
  items: z.array(lineItemSchema),
  /** Items that the line had no room for. */
  leftOut: z.int().positive().optional(),
});
export type PredictionLine = z.infer<typeof predictionLineSchema>;

/** The line of a request; undefined where no model read a text. Vectors are not kept: a text gives its own again. */
export function predictionLine(
  { requestId, tenant, model, predicted }: PredictionRequest,
  { at }: { readonly at: string },
): PredictionLine | undefined {
  if (predicted === undefined || predicted.texts.length === 0 || model === undefined) return;
  const frame: PredictionLine = {
    prediction: 1,
    id: requestId,
    at,
    tenant,
    model,
    variant: predicted.variant ?? null,
    items: [],
    leftOut: predicted.texts.length,
  };
  const items = framesWithin(predicted.outcomes, MOST_FRAME_BYTES - sizeOf(frame));
  const room = MOST_LINE_BYTES - sizeOf({ ...frame, items });
  const texts = cutTexts(predicted.texts.slice(0, items.length), { maxBytes: room });
  const { leftOut: _, ...rest } = frame;
  const leftOut = predicted.texts.length - items.length;
  return {
    ...rest,
    items: items.map((item, index) => withText(item, texts[index])),
    ...(leftOut > 0 ? { leftOut } : {}),
  };
}

/** Items without their texts, as many as fit; as if every text were cut. */
function framesWithin(outcomes: readonly ItemOutcome[], maxBytes: number): readonly LineItem[] {
  const frames: LineItem[] = [];
  let bytes = 0;
  for (const [index, outcome] of outcomes.entries()) {
    const item: LineItem = { index, text: '', cut: true, ...saidOf(outcome) };
    bytes += sizeOf(item) + 1;
    if (bytes > maxBytes) break;
    frames.push(item);
  }
  return frames;
}

function withText({ cut: _, ...item }: LineItem, text: CutText | undefined): LineItem {
  return {
    ...item,
    text: text?.text ?? '',
    ...(text?.isCut === true ? { cut: true } : {}),
  };
}

function saidOf(outcome: ItemOutcome): Partial<LineItem> {
  if (!outcome.ok) return { code: outcome.error.code };
  const { answer } = outcome;
  return {
    tokens: answer.tokens,
    ...(answer.truncated ? { truncated: true } : {}),
    ...(answer.kind === 'classification'
      ? { scores: [...answer.scores.slice(0, MOST_SCORES)] }
      : {}),
  };
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
