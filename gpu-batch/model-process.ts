import { type ChildProcess, fork } from 'node:child_process';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { JobRecord, Provider } from '#core/jobs/job-record.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type CellModel, ModelProcessLost } from '#work/cell-model.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

export interface ModelProcessOptions {
  readonly modelFolders: readonly string[];
  readonly provider: Provider;
  readonly job: JobRecord;
}

/** How often a cell may lose its process before the worker gives up and leaves it to a retry. */
const MAX_LOSSES_IN_A_ROW = 5;

/**
 * The model of a job in a child process. A child that was killed is replaced and the call repeated:
 * nothing was committed, and the same texts give the same outcomes.
 */
export class ModelProcess implements CellModel {
  readonly provenance: CellModel['provenance'];
  readonly #options: ModelProcessOptions;
  #child: ChildProcess;

  private constructor(
    options: ModelProcessOptions,
    opened: { child: ChildProcess; provenance: CellModel['provenance'] },
  ) {
    this.#options = options;
    this.#child = opened.child;
    this.provenance = opened.provenance;
    // A worker that leaves in the middle of a cell takes its child along.
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  /** Throws the child's refusal: `provider_unavailable`, `model_invalid`, `model_not_found` … */
  static async open(options: ModelProcessOptions): Promise<ModelProcess> {
    return new ModelProcess(options, await startChild(options));
  }

  async run(texts: readonly string[]): Promise<readonly ItemOutcome[]> {
    for (let losses = 1; ; losses += 1) {
      try {
        const reply = await ask(this.#child, { kind: 'run', texts });
        if (reply.kind === 'outcomes') return reply.outcomes;
        throw unexpected(reply);
      } catch (error) {
        if (!(error instanceof ModelProcessLost) || losses >= MAX_LOSSES_IN_A_ROW) throw error;
        this.#child = (await startChild(this.#options)).child;
      }
    }
  }
}

async function startChild(
  options: ModelProcessOptions,
): Promise<{ child: ChildProcess; provenance: CellModel['provenance'] }> {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'mjs';
  const child = fork(new URL(`./session-child.${suffix}`, import.meta.url), {
    serialization: 'advanced',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  });
  const { model, variant, modelSha256: sha256 } = options.job;
  const { modelFolders, provider } = options;
  const reply = await ask(child, { kind: 'open', modelFolders, model, variant, sha256, provider });
  if (reply.kind === 'opened') return { child, provenance: reply.provenance };
  child.kill('SIGKILL');
  throw unexpected(reply);
}

/** Sends one request and waits for its reply, or for the child's end. */
function ask(child: ChildProcess, request: SessionRequest): Promise<SessionReply> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      finish();
    };
    const onMessage = (reply: SessionReply) => settle(() => resolve(reply));
    const onExit = (code: number | null, signal: string | null) =>
      settle(() => reject(new ModelProcessLost({ code, signal })));
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.exitCode !== null || child.signalCode !== null) {
      return onExit(child.exitCode, child.signalCode);
    }
    // A failed send means that the child is going; its exit settles the promise.
    child.send(request, () => {});
  });
}

function unexpected(reply: SessionReply): Error {
  if (reply.kind === 'refused') return new SwitchyardError(reply.code, reply.detail);
  if (reply.kind === 'threw') return new SwitchyardError('internal', reply.message);
  return new SwitchyardError('internal', `the model process answered out of turn: ${reply.kind}`);
}
