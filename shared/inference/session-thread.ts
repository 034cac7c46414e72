import { Worker } from 'node:worker_threads';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { ModelSessionSpec } from './open-model-session.ts';
import type { LoadedSession, SessionReply, SessionRequest } from './session-messages.ts';

/** One session worker, from its start to its end; it is never restarted. */
export interface SessionThread {
  /** True while it has something to do, and once it has ended. */
  isBusy(): boolean;
  load(spec: ModelSessionSpec): Promise<LoadedSession>;
  /** Throws `worker_failed` when the worker ends first. */
  run(model: string, rows: readonly Int32Array[]): Promise<readonly Float32Array[]>;
  /** Resolves when the worker has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /**
   * What is waiting fails at once with `worker_failed`; the thread ends when the native call in
   * progress has returned, for ending it within one brings the whole process down (SIGABRT).
   */
  terminate(): Promise<void>;
}

/** Starts a session worker from its entry file. Throws `invalid_setting` where it cannot start. */
export function startSessionThread(entry: URL): SessionThread {
  const worker = new Worker(entry, {
    name: 'switchyard-session',
    // It only hands numbers on; models lie outside its heap. V8 would size it by the machine.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const pending = new Map<number, PendingRequest>();
  let nextId = 0;
  let hasEnded = false;
  let isClosing = false;
  const isIdle = Promise.withResolvers<void>();
  let endCause: unknown;

  const ask = (request: DistributiveOmit<SessionRequest, 'id'>): Promise<SessionReply> =>
    new Promise((resolve, reject) => {
      // A message to a worker that has ended is dropped without a word.
      if (hasEnded || isClosing) return reject(endedError(endCause));
      const id = nextId++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  worker.on('message', (reply: SessionReply) => {
    const request = pending.get(reply.id);
    pending.delete(reply.id);
    if (isClosing && pending.size === 0) isIdle.resolve();
    if (reply.kind === 'failed') request?.reject(replyError(reply));
    else request?.resolve(reply);
  });
  worker.on('error', (error) => {
    endCause = error;
  });
  const rejectAll = () => {
    for (const { reject } of pending.values()) reject(endedError(endCause));
  };
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      hasEnded = true;
      rejectAll();
      pending.clear();
      resolve();
    });
  });

  return {
    isBusy: () => hasEnded || pending.size > 0,
    async load(spec) {
      const reply = await ask({ kind: 'load', spec });
      return reply.kind === 'loaded' ? reply.loaded : unexpected();
    },
    async run(model, rows) {
      const reply = await ask({ kind: 'run', model, rows });
      return reply.kind === 'outputs' ? reply.outputs : unexpected();
    },
    ended,
    async terminate() {
      isClosing = true;
      rejectAll();
      if (pending.size > 0) await Promise.race([isIdle.promise, ended]);
      await worker.terminate();
    },
  };
}

interface PendingRequest {
  readonly resolve: (reply: SessionReply) => void;
  readonly reject: (error: SwitchyardError) => void;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function replyError({ code, detail, cause }: SessionReply & { kind: 'failed' }): SwitchyardError {
  return new SwitchyardError(code, detail, cause === '' ? {} : { cause });
}

function endedError(cause: unknown): SwitchyardError {
  const why = cause instanceof Error ? ` (${'code' in cause ? cause.code : cause.name})` : '';
  return new SwitchyardError('worker_failed', `The session worker ended${why}; try again.`, {
    cause,
    retryAfterSeconds: 1,
  });
}

function unexpected(): never {
  throw new SwitchyardError('internal', 'The session worker gave another kind of reply.');
}
