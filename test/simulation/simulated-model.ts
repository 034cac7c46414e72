import type { ItemOutcome } from '#core/contract/predict.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobModel, JobPorts } from '#work/job-ports.ts';

/** A model that is a pure function of the text, so that any worker gives the same bytes. */
export const simulatedModel = {
  name: 'pure',
  sha256: 'a'.repeat(64),
  provenance: {
    model: 'pure',
    modelVersion: '1',
    modelSha256: 'a'.repeat(64),
    variant: 'cpu-int8',
    provider: 'cpu',
    device: 'virtual',
    runtime: 'simulation',
  },
} as const;

/** A text of this beginning is refused by the model: an error row. */
export const REFUSED_TEXT = 'refuse';

/** Label and score of a text, from its UTF-16 units alone. */
export function labelOf(text: string): { readonly label: string; readonly score: number } {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_003;
  return { label: sum % 2 === 0 ? 'EVEN' : 'ODD', score: (sum % 1000) / 1000 };
}

export function simulatedOutcome(text: string): ItemOutcome {
  if (text.startsWith(REFUSED_TEXT)) {
    return { ok: false, error: { code: 'unprocessable_input', detail: 'the model refuses it' } };
  }
  const scores = [labelOf(text)];
  return {
    ok: true,
    answer: { kind: 'classification', scores, truncated: false, tokens: text.length },
  };
}

export const simulatedCatalogue: JobPorts['catalogue'] = {
  describe(model: string): JobModel {
    if (model !== simulatedModel.name) {
      throw new SwitchyardError('model_not_found', 'there is no model of this name');
    }
    return { version: '1', variant: 'cpu-int8', sha256: simulatedModel.sha256, provider: 'cpu' };
  },
};
