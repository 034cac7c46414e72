import { parentPort } from 'node:worker_threads';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { OnnxSession } from './onnx-session.ts';
import { openModelSession } from './open-model-session.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

const sessions = new Map<string, OnnxSession>();
// Runs of one session must not overlap, and replies come in the order of the requests.
let previous = Promise.resolve();

parentPort?.on('message', (request: SessionRequest) => {
  previous = previous.then(async () => send(await answer(request)));
});

async function answer(request: SessionRequest): Promise<SessionReply> {
  const { id } = request;
  try {
    if (request.kind === 'load') {
      const session = await openModelSession(request.spec);
      sessions.set(request.spec.manifest.name, session);
      const { device, runtime } = session;
      return { kind: 'loaded', id, loaded: { device, runtime } };
    }
    const outputs = await sessionOf(request.model).run(request.rows);
    return { kind: 'outputs', id, outputs };
  } catch (error) {
    return failure(request, error);
  }
}

function send(reply: SessionReply): void {
  const buffers = reply.kind === 'outputs' ? reply.outputs.map(({ buffer }) => buffer) : [];
  parentPort?.postMessage(
    reply,
    buffers.filter((buffer) => buffer instanceof ArrayBuffer),
  );
}

function sessionOf(model: string): OnnxSession {
  const session = sessions.get(model);
  if (session !== undefined) return session;
  throw new SwitchyardError('not_ready', `Model ${model} is not loaded in this worker.`);
}

function failure({ id, kind }: SessionRequest, error: unknown): SessionReply {
  if (error instanceof SwitchyardError) {
    const { code, detail } = error;
    return { kind: 'failed', id, code, detail, cause: stackOf(error.cause) };
  }
  const doing = kind === 'load' ? 'was loaded' : 'ran';
  const detail = `The model failed while it ${doing}.`;
  return { kind: 'failed', id, code: 'internal', detail, cause: stackOf(error) };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error ?? '');
}
