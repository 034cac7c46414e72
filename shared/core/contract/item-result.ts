import type { ChosenLabel, ItemAnswer } from './predict.ts';
import type { ItemResult } from './predict-answer.ts';

/**
 * Shapes a model's answer the one way in which HTTP answers and result lines show it. `scores` is
 * there only when `topK` was asked for; fewer labels than `topK` give them all. A label
 * that an endpoint chose has no score.
 */
export function itemResult(answer: ItemAnswer | ChosenLabel, topK: number | undefined): ItemResult {
  if (answer.kind === 'embedding') return { embedding: answer.embedding };
  if (answer.kind === 'label') return { label: answer.label, ...answer.escalation };
  const best = answer.scores[0];
  if (best === undefined) return {};
  const scores = topK === undefined ? {} : { scores: answer.scores.slice(0, topK) };
  return { label: best.label, score: best.score, ...scores, ...answer.escalation };
}
