import type { Limits } from './limits.ts';
import { textSchema } from './predict.ts';
import type { ItemError } from './predict-answer.ts';

/** A text that passed, and its place in the request. */
export interface CheckedText {
  readonly index: number;
  readonly text: string;
}

/** Sorts the values of a batch into texts for the model and item errors, each with its index. */
export function checkTexts(
  values: readonly unknown[],
  limits: Limits,
): {
  readonly good: readonly CheckedText[];
  readonly bad: readonly { readonly index: number; readonly error: ItemError }[];
} {
  const schema = textSchema(limits);
  const good: CheckedText[] = [];
  const bad: { index: number; error: ItemError }[] = [];
  for (const [index, value] of values.entries()) {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      good.push({ index, text: parsed.data });
    } else {
      const detail = parsed.error.issues[0]?.message ?? 'the text is not valid';
      bad.push({ index, error: { code: 'invalid_request', detail } });
    }
  }
  return { good, bad };
}
