import { type ChildProcess, fork } from 'node:child_process';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { ProcessExit } from '#core/jobs/blame-exit.ts';
import { MAX_LOSSES_IN_A_ROW } from '#core/jobs/blame-loss.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ModelProvenance } from '#core/jobs/model-provenance.ts';
import type { Provider } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import {
  type CellModel,
  ModelProcessLost,
  type ModelRunOptions,
  ModelRunThrew,
} from '#work/worker/cell-model.ts';
import { collectGarbageAfter } from './collect-garbage.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

export interface ModelProcessOptions {
  readonly modelFolders: readonly string[];
  readonly provider: Provider;
  readonly job: Pick<JobRecord, 'model' | 'variant' | 'modelSha256'>;
  /**
   * Program of the process that runs the model.
   *
   * @default - session-child beside this file
   */
  readonly sessionEntry?: URL;
  /**
   * Told how a process ended that was not asked to.
   *
   * @default - nobody is told
   */
  readonly onLost?: (loss: { readonly reason: string; readonly exit: ProcessExit | null }) => void;
}

/**
 * The model of a job in a child process. After a crash, a kill or an exception the next call gets a
 * fresh one; who is to blame for it is decided by the caller.
 */
export class ModelProcess implements CellModel {
  readonly provenance: ModelProvenance;
  readonly #options: ModelProcessOptions;
  #child: ChildProcess | undefined;

  private constructor(
    options: ModelProcessOptions,
    opened: { child: ChildProcess; provenance: ModelProvenance },
  ) {
    this.#options = options;
    this.#child = opened.child;
    this.provenance = opened.provenance;
    // A worker that leaves in the middle of a cell takes its child along.
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** Throws the child's refusal: `provider_unavailable`, `model_invalid`, `model_not_found` … */
  static async open(options: ModelProcessOptions): Promise<ModelProcess> {
    return new ModelProcess(options, await openChild(options));
  }

  async run(
    texts: readonly string[],
    { alone = false, tokenBudgetDivisor = 1 }: ModelRunOptions = {},
  ): Promise<readonly ItemOutcome[]> {
    this.#child ??= (await openChild(this.#options)).child;
    const child = this.#child;
    try {
      const asked = ask(child, { kind: 'run', texts, alone, tokenBudgetDivisor });
      // While the child computes, this process has nothing to do.
      collectGarbageAfter(texts);
      const reply = await asked;
      if (reply.kind === 'outcomes') return reply.outcomes;
      throw unexpected(reply);
    } catch (error) {
      // After an exception too: nobody knows what it left behind in the native runtime.
      this.#child = undefined;
      child.kill('SIGKILL');
      tellLoss(this.#options, error);
      throw error;
    }
  }
}

/** Starts until one is open: a kill before the first text says nothing about any text. */
async function openChild(
  options: ModelProcessOptions,
): Promise<{ child: ChildProcess; provenance: ModelProvenance }> {
  for (let losses = 1; ; losses += 1) {
    const child = startChild(options);
    try {
      const { modelFolders, provider } = options;
      const { model, variant, modelSha256: sha256 } = options.job;
      const request = { modelFolders, model, variant, sha256, provider };
      const reply = await ask(child, { kind: 'open', ...request });
      if (reply.kind === 'opened') return { child, provenance: reply.provenance };
      throw unexpected(reply);
    } catch (error) {
      child.kill('SIGKILL');
      tellLoss(options, error);
      if (!(error instanceof ModelProcessLost)) throw error;
      if (losses < MAX_LOSSES_IN_A_ROW) continue;
      throw new ModelProcessLost(error.exit, { isOpening: true });
    }
  }
}

function startChild({ sessionEntry }: ModelProcessOptions): ChildProcess {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'mjs';
  const entry = sessionEntry ?? new URL(`./session-child.${suffix}`, import.meta.url);
  return fork(entry, {
    serialization: 'advanced',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  });
}

/** Sends one request and waits for its reply, or for the child's end. */
function ask(child: ChildProcess, request: SessionRequest): Promise<SessionReply> {
  return new Promise((resolve, reject) => {
    let started: readonly number[] | undefined;
    const settle = (finish: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onGone);
      child.off('disconnect', onGone);
      finish();
    };
    const onMessage = (reply: SessionReply) => {
      if (reply.kind === 'started') started = reply.texts;
      else if (reply.kind === 'threw') {
        settle(() => reject(new ModelRunThrew(reply.message, started)));
      } else settle(() => resolve(reply));
    };
    // Both: the exit tells how it ended, the end of the channel that its last message was read.
    const onGone = () => {
      const exit = { code: child.exitCode, signal: child.signalCode };
      if (child.connected || (exit.code === null && exit.signal === null)) return;
      settle(() => reject(new ModelProcessLost(exit, { started })));
    };
    child.on('message', onMessage);
    child.on('exit', onGone);
    child.on('disconnect', onGone);
    // A failed send means that the child is going; its end settles the promise.
    if (child.connected) child.send(request, () => {});
    else onGone();
  });
}

function unexpected(reply: SessionReply): Error {
  if (reply.kind === 'refused') return new SwitchyardError(reply.code, reply.detail);
  return new SwitchyardError('internal', `the model process answered out of turn: ${reply.kind}`);
}

function tellLoss({ onLost }: ModelProcessOptions, error: unknown): void {
  if (error instanceof ModelProcessLost) onLost?.({ reason: error.message, exit: error.exit });
  // Not its message, which may hold anything.
  else if (error instanceof ModelRunThrew) onLost?.({ reason: 'the runtime threw', exit: null });
}
