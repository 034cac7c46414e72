import type { ItemOutcome } from '#core/contract/predict.ts';
import type { CellModel } from './cell-model.ts';

/** One outcome per text, in order, whatever the model does with some of them. */
export async function runTexts(
  model: CellModel,
  texts: readonly string[],
): Promise<readonly ItemOutcome[]> {
  return texts.length === 0 ? [] : await model.run(texts);
}
