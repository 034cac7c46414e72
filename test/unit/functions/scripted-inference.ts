import type { ModelDescription } from '#core/contract/model-view.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';

export interface InferenceScript {
  /** @default - every text is POSITIVE */
  readonly predict?: InferenceService['predict'];
  /** @default - ready */
  readonly reasons?: readonly string[];
  /** @default - healthy */
  readonly sickBecause?: readonly string[];
}

const model: ModelDescription = {
  name: 'sst2-minilm',
  version: '1',
  task: 'text-classification',
  labels: ['NEGATIVE', 'POSITIVE'],
  token_limit: 512,
  variants: [],
  lanes: [{ lane: 'cpu', available: true }],
  serving: null,
  warnings: [],
};

/** An answer that no model computed: for paths that a real model reaches only by luck. */
export function positive(text: string): ItemOutcome {
  const scores = [
    { label: 'POSITIVE', score: 0.9 },
    { label: 'NEGATIVE', score: 0.1 },
  ];
  return {
    ok: true,
    answer: { kind: 'classification', scores, truncated: text.length > 4_000, tokens: 3 },
  };
}

/** An inference service whose behaviour a test writes down. */
export function scriptedInference(script: InferenceScript = {}): InferenceService {
  const reasons = script.reasons ?? [];
  const sick = script.sickBecause ?? [];
  return {
    models: () => [model],
    predict:
      script.predict ??
      (async ({ texts }) => {
        if (texts.length === 0) throw new SwitchyardError('internal', 'nothing to predict');
        return texts.map(positive);
      }),
    readiness: () => ({ ready: reasons.length === 0, reasons }),
    health: () => ({ healthy: sick.length === 0, reasons: sick }),
    warmUp: async () => {
      if (reasons.length > 0) throw new SwitchyardError('not_ready', reasons.join('; '));
      return { models: [{ model: model.name, millis: 1 }], sessionsOpened: 1 };
    },
    settled: async () => undefined,
    close: async () => undefined,
  };
}
