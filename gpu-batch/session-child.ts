// The process that runs the model for one worker. It blocks while it computes, so it does nothing
// else: signals, claims and commits are its supervisor's. It ends when the supervisor is gone.

import { SwitchyardError } from '#core/switchyard-error.ts';
import { type BulkModel, openBulkModel } from '#inference/bulk-model.ts';
import { locateBundle } from '#inference/locate-bundle.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

let model: BulkModel | undefined;

process.on('disconnect', () => process.exit(0));
// The supervisor decides; a Ctrl-C reaches the whole group and must not cut a cell short.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

process.on('message', (request: SessionRequest) => {
  answer(request).then(reply, (error: unknown) => {
    reply(
      error instanceof SwitchyardError
        ? { kind: 'refused', code: error.code, detail: error.detail }
        : { kind: 'threw', message: error instanceof Error ? error.message : String(error) },
    );
  });
});

async function answer(request: SessionRequest): Promise<SessionReply> {
  if (request.kind === 'open') {
    const { variant, sha256, provider } = request;
    const bundleFolder = await locateBundle(request.modelFolders, request.model);
    model = await openBulkModel({ bundleFolder, variant, sha256, provider });
    return { kind: 'opened', provenance: model.provenance };
  }
  if (model === undefined) throw new SwitchyardError('internal', 'run came before open');
  return { kind: 'outcomes', outcomes: await model.run(request.texts) };
}

function reply(message: SessionReply): void {
  process.send?.(message);
}
