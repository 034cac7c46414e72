import type { ItemOutcome } from '#core/contract/predict.ts';
import { answerTexts, type TaskTools } from './answer-texts.ts';

/** Turns each text into a unit-length vector. The model itself pools and normalises. */
export function embedTexts(
  texts: readonly string[],
  tools: TaskTools,
): Promise<readonly ItemOutcome[]> {
  return answerTexts(texts, tools, (vector, { truncated, tokens }) => ({
    kind: 'embedding',
    embedding: Array.from(vector, toSevenDigits),
    truncated,
    tokens,
  }));
}

/** All that a float32 holds; more digits would only repeat the noise of its conversion. */
function toSevenDigits(value: number): number {
  return Number(value.toPrecision(7));
}
