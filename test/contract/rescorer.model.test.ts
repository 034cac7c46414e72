import { once } from 'node:events';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createModelRescorer } from '#work/escalation/model-rescorer.ts';
import { scriptedInference } from '../unit/functions/scripted-inference.ts';
import { describeRescorer } from './rescorer.contract.ts';

describeRescorer({
  name: 'the rescorer of a model',
  open: async () => {
    const hanging = Promise.withResolvers<void>();
    const inference = scriptedInference({
      predict: async ({ texts, signal }) => {
        if (texts.includes('break'))
          throw new SwitchyardError('worker_failed', 'no session is left');
        if (texts.includes('hang')) {
          hanging.resolve();
          await once(signal ?? new AbortController().signal, 'abort');
          signal?.throwIfAborted();
        }
        return texts.map(obeyed);
      },
    });
    return { rescorer: createModelRescorer(inference, 'sst2-minilm'), hanging: hanging.promise };
  },
});

function obeyed(text: string): ItemOutcome {
  if (text === 'garbage') {
    return { ok: false, error: { code: 'unprocessable_input', detail: 'not to be tokenized' } };
  }
  const scores = [{ label: text.slice('say:'.length), score: 0.9 }];
  return { ok: true, answer: { kind: 'classification', scores, truncated: false, tokens: 3 } };
}
