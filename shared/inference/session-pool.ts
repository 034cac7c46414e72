import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { refuseTelemetry } from './onnx-session.ts';
import type { ModelSessionSpec } from './open-model-session.ts';
import type { LoadedSession } from './session-messages.ts';
import { type SessionThread, startSessionThread } from './session-thread.ts';
import type { RunRows } from './tasks/answer-texts.ts';

/**
 * Keeps session workers alive. The first one has every model loaded and warm; each of the others opens a
 * model once it is wanted while nobody is free, so that memory follows the traffic.
 */
export interface SessionPool {
  /** Runs rows on an idle worker that has the model; undefined where there is none right now. */
  tryRun(model: string, rows: readonly Int32Array[]): ReturnType<RunRows> | undefined;
  /** What a worker loaded the model with, or undefined while none has it warm. */
  loaded(model: string): LoadedSession | undefined;
  /** Why no worker could load the model, or undefined. */
  failure(model: string): string | undefined;
  /** Sessions opened since the start, those of workers that have ended since included. */
  sessionsOpened(): number;
  /** Resolves once the first worker has tried to load every model; never rejects. */
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
  const slots = Array.from({ length: options.workers }, () => new Slot());
  // The first worker opens everything; the others open a model when it is wanted and nobody is free.
  for (const { manifest } of options.specs) slots[0]?.ask(manifest.name);
  const inTurn = oneAtATime();
  const running = slots.map((slot) =>
    keepAlive(slot, { ...options, inTurn, failures }, closing.signal),
  );

  return {
    tryRun(model, rows) {
      const free = slots.find((slot) => slot.warm.has(model) && slot.thread?.isBusy() === false);
      if (free === undefined) slots.find((slot) => !slot.asked.has(model))?.ask(model);
      return free?.thread?.run(model, rows);
    },
    loaded: (model) => slots.map(({ warm }) => warm.get(model)).find((each) => each !== undefined),
    failure: (model) => failures.get(model),
    sessionsOpened: () => slots.reduce((sum, { opened }) => sum + opened, 0),
    settled: slots[0]?.hasTried.promise ?? Promise.resolve(),
    async close() {
      closing.abort();
      for (const slot of slots) slot.wake();
      await Promise.all(slots.map(({ thread }) => thread?.terminate()));
      await Promise.all(running);
    },
  };
}

/** A worker's place: what it is asked to have open outlives the worker itself. */
class Slot {
  thread: SessionThread | undefined;
  /** Models that gave the expected answer in this worker. */
  readonly warm = new Map<string, LoadedSession>();
  readonly asked = new Set<string>();
  /** Sessions that workers of this slot have opened. */
  opened = 0;
  /** Resolved when the first worker of the slot has tried every model that it was asked for. */
  readonly hasTried = Promise.withResolvers<void>();
  #asked = Promise.withResolvers<void>();

  ask(model: string): void {
    this.asked.add(model);
    this.wake();
  }

  wake(): void {
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
  }

  /** Resolves at the next `ask` or `wake`. */
  woken(): Promise<void> {
    return this.#asked.promise;
  }
}

/**
 * Runs loads one after the other over all workers. A load needs three times its model for a moment; that
 * many moments at once would set the peak of the process, and the first worker is ready sooner alone.
 */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (load) => {
    const loaded = last.then(load);
    last = loaded.catch(() => undefined);
    return loaded;
  };
}

type InTurn = <T>(load: () => Promise<T>) => Promise<T>;

interface Keeping extends SessionPoolOptions {
  readonly inTurn: InTurn;
  readonly failures: Map<string, string>;
}

async function keepAlive(slot: Slot, options: Keeping, signal: AbortSignal): Promise<void> {
  for (let deaths = 0; !signal.aborted; deaths += 1) {
    if (slot.asked.size === 0) await slot.woken();
    if (signal.aborted) return;
    const thread = startSessionThread(options.workerEntry);
    slot.thread = thread;
    await openWhatIsAsked(slot, thread, options);
    // A worker that got this far died of something it was given, not of its start.
    if (slot.warm.size > 0) deaths = 0;
    slot.thread = undefined;
    slot.warm.clear();
    options.onChange();
    await options.clock.sleep(Math.min(100 * 2 ** deaths, MAX_RESTART_MILLIS), signal);
  }
}

/** Opens models as they are asked for; resolves when the worker has ended. */
async function openWhatIsAsked(slot: Slot, thread: SessionThread, options: Keeping): Promise<void> {
  let hasEnded = false;
  void thread.ended.then(() => {
    hasEnded = true;
  });
  const tried = new Set<string>();
  while (!hasEnded) {
    const woken = slot.woken();
    const next = options.specs.find(
      ({ manifest: { name } }) => slot.asked.has(name) && !tried.has(name),
    );
    if (next === undefined) {
      slot.hasTried.resolve();
      await Promise.race([thread.ended, woken]);
      continue;
    }
    tried.add(next.manifest.name);
    await openModel(slot, thread, { ...options, spec: next });
  }
  slot.hasTried.resolve();
}

async function openModel(
  slot: Slot,
  thread: SessionThread,
  { spec, warmUp, onChange, inTurn, failures }: Keeping & { readonly spec: ModelSessionSpec },
): Promise<void> {
  const { name } = spec.manifest;
  try {
    const loaded = await inTurn(() => thread.load(spec));
    slot.opened += 1;
    await warmUp(spec, (rows) => thread.run(name, rows));
    slot.warm.set(name, loaded);
    failures.delete(name);
  } catch (error) {
    failures.set(name, error instanceof SwitchyardError ? error.detail : 'it cannot be loaded');
  }
  onChange();
}
