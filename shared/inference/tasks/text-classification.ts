import type { ItemOutcome } from '#core/contract/predict.ts';
import type { LabelScore } from '#core/contract/predict-answer.ts';
import type { ModelManifest } from '#core/models/model-manifest.ts';
import { answerTexts, type TaskModel, type TaskTools } from './answer-texts.ts';

/** Scores every label for each text, best first; equal scores stay in the order of the labels. */
export function classifyTexts(
  texts: readonly string[],
  model: TaskModel,
  tools: TaskTools,
): Promise<readonly ItemOutcome[]> {
  return answerTexts(texts, tools, (logits, { truncated, tokens }) => {
    const probabilities = decode(logits, model.manifest.functionToApply);
    const scores = rank(probabilities, model.manifest.labels);
    return { kind: 'classification', scores, truncated, tokens };
  });
}

function decode(
  logits: Float32Array,
  functionToApply: ModelManifest['functionToApply'],
): readonly number[] {
  if (functionToApply === 'sigmoid') return Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, each) => total + each, 0);
  return exponentials.map((each) => each / sum);
}

function rank(probabilities: readonly number[], labels: readonly string[]): readonly LabelScore[] {
  return labels
    .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .map(({ label, probability }) => ({ label, score: roundToMillionths(probability) }));
}

function roundToMillionths(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
