import type { ItemOutcome } from '#core/contract/predict.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { BulkModel, openBulkModel } from '#inference/bulk-model.ts';
import { locateBundle } from '#inference/locate-bundle.ts';
import { collectGarbageAfter } from './collect-garbage.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

/** Makes this process the one that runs the model for the process that forked it. */
export function serveSession(openModel: typeof openBulkModel): void {
  let model: BulkModel | undefined;

  async function answer(request: SessionRequest): Promise<SessionReply> {
    if (request.kind === 'open') {
      const { variant, sha256, provider } = request;
      const bundleFolder = await locateBundle(request.modelFolders, request.model);
      model = await openModel({ bundleFolder, variant, sha256, provider });
      return { kind: 'opened', provenance: model.provenance };
    }
    if (model === undefined) throw new SwitchyardError('internal', 'run came before open');
    return { kind: 'outcomes', outcomes: await runTexts(model, request) };
  }

  process.on('disconnect', () => process.exit(0));
  // The supervisor decides; a Ctrl-C reaches the whole group and must not cut a cell short.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('message', (request: SessionRequest) => {
    answer(request)
      .then(reply, (error: unknown) => reply(refusal(error)))
      // After the answer: the supervisor writes its part meanwhile.
      .finally(() => collectGarbageAfter(request.kind === 'run' ? request.texts : []));
  });
}

function refusal(error: unknown): SessionReply {
  return error instanceof SwitchyardError
    ? { kind: 'refused', code: error.code, detail: error.detail }
    : { kind: 'threw', message: error instanceof Error ? error.message : String(error) };
}

async function runTexts(
  model: BulkModel,
  request: SessionRequest & { readonly kind: 'run' },
): Promise<readonly ItemOutcome[]> {
  const { texts, alone, tokenBudgetDivisor } = request;
  if (!alone) return await model.run(texts, { tokenBudgetDivisor, onBatch: sayStarted });
  const outcomes: ItemOutcome[] = [];
  for (const [index, text] of texts.entries()) {
    const onBatch = () => sayStarted([index]);
    outcomes.push(...(await model.run([text], { onBatch })));
  }
  return outcomes;
}

/** The message is in the channel when this returns, so a crash right afterwards does not lose it. */
function sayStarted(texts: readonly number[]): void {
  reply({ kind: 'started', texts });
}

function reply(message: SessionReply): void {
  process.send?.(message);
}
