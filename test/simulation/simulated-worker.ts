import { defaultLimits } from '#core/contract/limits.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type CellModel, ModelProcessLost } from '#work/worker/cell-model.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import { exitCodes } from '../../gpu-batch/exit-codes.ts';
import { RetryingStore } from './retrying-store.ts';
import { simulatedModel, simulatedOutcome } from './simulated-model.ts';
import { RequestFailed } from './simulated-network.ts';
import { drawClockSkew, SimulatedProcess } from './simulated-process.ts';
import { count, drawDelay, type World } from './world.ts';

/** Time between the notice and the end of a worker that does not leave by itself, as in gpu-batch. */
const DRAIN_MILLIS = 6_000;

export type WorkerExit =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: 'SIGKILL' };

/** One attempt of a worker: the real work loop in a process that may be hit at any instant. */
export class SimulatedWorker {
  readonly jobId: string;
  readonly process: SimulatedProcess;
  readonly #world: World;
  readonly #drain = new AbortController();
  readonly #onExit: (exit: WorkerExit) => void;
  #hasEnded = false;

  constructor(
    world: World,
    variables: Readonly<Record<string, string>>,
    onExit: (exit: WorkerExit) => void,
  ) {
    this.#world = world;
    this.#onExit = onExit;
    const { AWS_BATCH_JOB_ARRAY_INDEX: index, AWS_BATCH_JOB_ATTEMPT: attempt } = variables;
    const submission = variables['SWITCHYARD_SUBMISSION'] ?? '';
    this.jobId = variables['SWITCHYARD_JOB'] ?? '';
    const name = `worker ${submission.slice(4, 8)}${submission.slice(30)}/${index}/${attempt}`;
    const skew = drawClockSkew(world.random, world.faults.isSkewed);
    this.process = new SimulatedProcess(world.time, name, skew);
    world.workers.set(name, this.jobId);
    this.#log('starts');
    void this.#run({
      submission,
      arrayIndex: Number(index),
      attempt: Number(attempt),
      generation: Number(variables['SWITCHYARD_GENERATION']),
      arraySize: Number(variables['SWITCHYARD_ARRAY_SIZE']),
    });
  }

  get isLive(): boolean {
    return !this.#hasEnded;
  }

  /** SIGTERM, and SIGKILL for whoever is still there after the grace. */
  terminate(graceMillis: number): void {
    this.#log('SIGTERM');
    this.process.deliver(() => {
      if (this.#drain.signal.aborted) return;
      this.#drain.abort();
      void this.process.clock.sleep(DRAIN_MILLIS).then(() => this.#exit(exitCodes.drained));
    });
    if (graceMillis < Infinity) this.#world.time.after(graceMillis, () => this.kill());
  }

  kill(): void {
    if (this.#hasEnded) return;
    this.#log('SIGKILL');
    this.#end({ kind: 'signal', signal: 'SIGKILL' });
  }

  async #run(place: {
    readonly submission: string;
    readonly arrayIndex: number;
    readonly attempt: number;
    readonly generation: number;
    readonly arraySize: number;
  }): Promise<void> {
    const { clock } = this.process;
    try {
      const end = await runWorker({
        objectStore: new RetryingStore(this.#world, this.process),
        clock,
        limits: defaultLimits,
        jobId: this.jobId,
        worker: place,
        arraySize: place.arraySize,
        openModel: (job) => this.#openModel(job),
        drain: this.#drain.signal,
      });
      this.#exit(end === 'finished' ? exitCodes.finished : exitCodes.drained);
    } catch (error) {
      this.#log(`fails: ${String(error).slice(0, 160)}`);
      // The network and the model fail here; the product's own errors end the job, never a worker.
      if (!(error instanceof RequestFailed) && !(error instanceof ModelProcessLost)) {
        const stack = error instanceof Error ? error.stack : String(error);
        this.#world.violate(`${this.process.name} threw ${stack}`);
      }
      this.#exit(error instanceof ModelProcessLost ? exitCodes.drained : exitCodes.failed);
    }
  }

  async #openModel(job: JobRecord): Promise<CellModel> {
    await this.process.clock.sleep(drawDelay(this.#world.random, 300));
    if (job.modelSha256 !== simulatedModel.sha256) {
      throw new SwitchyardError('model_invalid', 'the model is not the pinned one');
    }
    return { provenance: simulatedModel.provenance, run: (texts) => this.#infer(texts) };
  }

  async #infer(texts: readonly string[]): Promise<readonly ItemOutcome[]> {
    const { random, faults, time } = this.#world;
    await this.process.clock.sleep(faults.textMillis * texts.length);
    if (time.nowMillis < faults.endsAtMillis && random.fraction() < faults.modelLost) {
      count(this.#world, 'model processes lost');
      throw new ModelProcessLost({ code: null, signal: 'SIGKILL' });
    }
    return texts.map(simulatedOutcome);
  }

  #exit(exitCode: number): void {
    if (!this.#hasEnded) this.#end({ kind: 'exit', exitCode });
  }

  #end(exit: WorkerExit): void {
    this.#hasEnded = true;
    this.process.kill();
    this.#log(exit.kind === 'exit' ? `exits with ${exit.exitCode}` : 'is gone');
    this.#onExit(exit);
  }

  #log(what: string): void {
    this.#world.trace.add(this.#world.time.nowMillis, this.process.name, what);
  }
}
