import type { ItemOutcome } from '#core/contract/predict.ts';
import type { TaskModel, TaskTools } from './answer-texts.ts';
import { embedTexts } from './feature-extraction.ts';
import { classifyTexts } from './text-classification.ts';

/** Answers texts by the task that the model's manifest names. */
export function runTask(
  texts: readonly string[],
  model: TaskModel,
  tools: TaskTools,
): Promise<readonly ItemOutcome[]> {
  switch (model.manifest.task) {
    case 'text-classification':
      return classifyTexts(texts, model, tools);
    case 'feature-extraction':
      return embedTexts(texts, tools);
  }
}
