import type { EscalationFailure } from '#core/contract/escalation.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { RescoreOutcome, RescoreRequest, Rescorer } from '#core/ports/rescorer.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';

/** A larger model of this deployment gives the second answers. Throws `model_not_found`. */
export function createModelRescorer(
  inference: Pick<InferenceService, 'models' | 'predict'>,
  model: string,
): Rescorer {
  const described = inference.models().find(({ name }) => name === model);
  if (described === undefined) {
    throw new SwitchyardError('model_not_found', `there is no model ${model} to escalate to`);
  }
  return {
    by: { kind: 'model', model, model_version: described.version },
    rescore: (request) => rescore(inference, model, request),
  };
}

async function rescore(
  inference: Pick<InferenceService, 'predict'>,
  model: string,
  { texts, labels, signal }: RescoreRequest,
): Promise<readonly RescoreOutcome[]> {
  if (texts.length === 0) return [];
  try {
    signal.throwIfAborted();
    const outcomes = await inference.predict({ model, texts, signal });
    return texts.map((_, place) => judged(outcomes[place], labels));
  } catch (error) {
    const reason = signal.aborted ? 'timed_out' : reasonOf(error);
    return texts.map(() => ({ ok: false, reason, tokens: undefined }));
  }
}

function judged(outcome: ItemOutcome | undefined, labels: readonly string[]): RescoreOutcome {
  if (!outcome?.ok || outcome.answer.kind !== 'classification') {
    return { ok: false, reason: 'invalid_answer', tokens: undefined };
  }
  const { scores, truncated, tokens: read } = outcome.answer;
  const tokens = { input: read, output: 0 };
  const label = scores[0]?.label;
  if (label === undefined || !labels.includes(label)) {
    return { ok: false, reason: 'invalid_answer', tokens };
  }
  return { ok: true, label, scores, truncated, tokens };
}

function reasonOf(error: unknown): EscalationFailure {
  const isBusy = error instanceof SwitchyardError && error.code === 'overloaded';
  return isBusy ? 'rate_limited' : 'unavailable';
}
