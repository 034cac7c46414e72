import type { ItemOutcome } from '#core/contract/predict.ts';
import type { ModelManifest } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { runTask } from './tasks/run-task.ts';

type TaskTools = Parameters<typeof runTask>[2];

/**
 * Runs the model's own warm-up text, as a request would be run, and checks the answer: a model is warm
 * when it has answered, not when it has been loaded. Throws `model_invalid`.
 */
export async function runWarmUp(manifest: ModelManifest, tools: TaskTools): Promise<void> {
  const [outcome] = await runTask([manifest.warmUp.text], { manifest }, tools);
  checkWarmUp(manifest, outcome);
}

/** Throws `model_invalid` unless the outcome for the warm-up text is what the manifest promises. */
export function checkWarmUp(manifest: ModelManifest, outcome: ItemOutcome | undefined): void {
  const problem = warmUpProblem(manifest.warmUp, outcome);
  if (problem === undefined) return;
  throw new SwitchyardError(
    'model_invalid',
    `Model ${manifest.name} gave another answer to its warm-up text than switchyard.json expects: ` +
      `${problem}. The files do not belong together, or this processor cannot run them.`,
  );
}

function warmUpProblem(
  expected: ModelManifest['warmUp'],
  outcome: ItemOutcome | undefined,
): string | undefined {
  if (outcome?.ok !== true) return outcome?.error.detail ?? 'there was none';
  const { answer } = outcome;
  if (answer.kind === 'embedding') return vectorProblem(expected, answer.embedding);
  const [best] = answer.scores;
  if (expected.label !== undefined && best?.label !== expected.label) {
    return `label ${best?.label} instead of ${expected.label}`;
  }
  const { score, tolerance } = expected;
  if (score === undefined || Math.abs((best?.score ?? NaN) - score) <= tolerance) return undefined;
  return `score ${best?.score} instead of ${score} ± ${tolerance}`;
}

function vectorProblem(
  { vectorStart = [], tolerance }: ModelManifest['warmUp'],
  embedding: readonly number[],
): string | undefined {
  for (const [index, number] of vectorStart.entries()) {
    const got = embedding[index] ?? NaN;
    if (Math.abs(got - number) <= tolerance) continue;
    return `number ${index} of the vector is ${got} instead of ${number} ± ${tolerance}`;
  }
  return undefined;
}
