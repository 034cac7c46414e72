import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { refuseTelemetry } from './onnx-session.ts';
import type { ModelSessionSpec } from './open-model-session.ts';
import type { LoadedSession } from './session-messages.ts';
import { type SessionThread, startSessionThread } from './session-thread.ts';
import type { RunRows } from './tasks/answer-texts.ts';

/** Keeps a fixed number of session workers alive, each with every model loaded and warm. */
export interface SessionPool {
  /** Runs rows on an idle worker that has the model; undefined where there is none right now. */
  tryRun(model: string, rows: readonly Int32Array[]): ReturnType<RunRows> | undefined;
  /** What a worker loaded the model with, or undefined while none has it warm. */
  loaded(model: string): LoadedSession | undefined;
  /** Why no worker could load the model, or undefined. */
  failure(model: string): string | undefined;
  /** Sessions opened since the start, those of workers that have ended since included. */
  sessionsOpened(): number;
  /** Resolves once every worker has tried to load every model; never rejects. */
  readonly settled: Promise<void>;
  /** Ends the workers; what they were doing fails with `worker_failed`. */
  close(): Promise<void>;
}

export interface SessionPoolOptions {
  /** Models to load, in this order. */
  readonly specs: readonly ModelSessionSpec[];
  readonly workers: number;
  readonly workerEntry: URL;
  readonly clock: Clock;
  /** Throws where a loaded model does not give the answer that its manifest promises. */
  readonly warmUp: (spec: ModelSessionSpec, runRows: RunRows) => Promise<void>;
  /** Called whenever a worker may have become idle, ready or lost. */
  readonly onChange: () => void;
}

/** Longest wait before a worker that keeps dying is started again. */
const MAX_RESTART_MILLIS = 5_000;

/** Starts the workers; they load in the background. Throws `invalid_setting` with telemetry on. */
export function openSessionPool(options: SessionPoolOptions): SessionPool {
  // Here too: a worker thread has only a copy of the environment, set too late for the library.
  refuseTelemetry();
  const closing = new AbortController();
  const failures = new Map<string, string>();
  const slots = Array.from({ length: options.workers }, newSlot);
  const running = slots.map((slot) => keepAlive(slot, options, failures, closing.signal));

  return {
    tryRun(model, rows) {
      const free = slots.find((slot) => slot.warm.has(model) && slot.thread?.isBusy() === false);
      return free?.thread?.run(model, rows);
    },
    loaded: (model) => slots.map(({ warm }) => warm.get(model)).find((each) => each !== undefined),
    failure: (model) => failures.get(model),
    sessionsOpened: () => slots.reduce((sum, { opened }) => sum + opened, 0),
    settled: Promise.all(slots.map(({ hasTried }) => hasTried.promise)).then(() => undefined),
    async close() {
      closing.abort();
      await Promise.all(slots.map(({ thread }) => thread?.terminate()));
      await Promise.all(running);
    },
  };
}

interface Slot {
  thread?: SessionThread | undefined;
  /** Models that gave the expected answer in this worker. */
  readonly warm: Map<string, LoadedSession>;
  /** Sessions that workers of this slot have opened. */
  opened: number;
  /** Resolved when the first worker of the slot has tried every model. */
  readonly hasTried: PromiseWithResolvers<void>;
}

function newSlot(): Slot {
  return { warm: new Map(), opened: 0, hasTried: Promise.withResolvers<void>() };
}

async function keepAlive(
  slot: Slot,
  options: SessionPoolOptions,
  failures: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for (let deaths = 0; !signal.aborted; deaths += 1) {
    const thread = startSessionThread(options.workerEntry);
    slot.thread = thread;
    await loadModels(slot, thread, options, failures);
    slot.hasTried.resolve();
    // A worker that got this far died of something it was given, not of its start.
    if (slot.warm.size > 0) deaths = 0;
    await thread.ended;
    slot.thread = undefined;
    slot.warm.clear();
    options.onChange();
    await options.clock.sleep(Math.min(100 * 2 ** deaths, MAX_RESTART_MILLIS), signal);
  }
}

async function loadModels(
  slot: Slot,
  thread: SessionThread,
  { specs, warmUp, onChange }: SessionPoolOptions,
  failures: Map<string, string>,
): Promise<void> {
  for (const spec of specs) {
    const { name } = spec.manifest;
    try {
      const loaded = await thread.load(spec);
      slot.opened += 1;
      await warmUp(spec, (rows) => thread.run(name, rows));
      slot.warm.set(name, loaded);
      failures.delete(name);
    } catch (error) {
      failures.set(name, error instanceof SwitchyardError ? error.detail : 'it cannot be loaded');
    }
    onChange();
  }
}
