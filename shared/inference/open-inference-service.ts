import { DEFAULT_MODEL } from '#core/contract/predict.ts';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { describeModel } from './describe-model.ts';
import type { InferenceService } from './inference-service.ts';
import { openInlineSessionPool } from './inline-session-pool.ts';
import type { ModelCatalogue } from './model-catalogue.ts';
import { openOnlineBatcher } from './online-batcher.ts';
import { refuseTelemetry } from './onnx-session.ts';
import { notReadyReason, type PreparedModel, prepareModel, servingWith } from './served-model.ts';
import { openSessionPool, type SessionPool, type SessionPoolOptions } from './session-pool.ts';
import { runTask } from './tasks/run-task.ts';
import { runWarmUp } from './warm-up.ts';

export interface InferenceServiceOptions {
  readonly catalogue: ModelCatalogue;
  /**
   * Worker threads that run models: one per processor core that may be used. 0 runs them on the calling
   * thread, for a process that answers one request at a time.
   */
  readonly sessionWorkers: number;
  readonly clock: Clock;
  /**
   * Items that may wait for a session worker; above it requests are refused as `overloaded`.
   *
   * @default 256
   */
  readonly maxQueuedItems?: number;
  /**
   * Entry file of the session workers; a bundled package names its own.
   *
   * @default - session-worker.ts beside this file
   */
  readonly workerEntry?: URL;
}

const defaults = {
  maxQueuedItems: 256,
  workerEntry: new URL('./session-worker.ts', import.meta.url),
} as const;

/** Longest time without any movement while items wait; the longest single run takes about 1 s. */
const MAX_STALL_MILLIS = 10_000;

/**
 * Starts to load every model of the catalogue, the default model first, and returns at once;
 * `readiness()` tells how far it is. Throws `invalid_setting` where telemetry is not off.
 */
export function openInferenceService(options: InferenceServiceOptions): InferenceService {
  refuseTelemetry();
  return new PooledInferenceService({ ...defaults, ...options });
}

class PooledInferenceService implements InferenceService {
  readonly #options: Required<InferenceServiceOptions>;
  readonly #prepared = new Map<string, PreparedModel>();
  /** Models that have been ready once: their requests wait while a worker is restarted. */
  readonly #wasReady = new Set<string>();
  readonly #batcher;
  readonly #loading: Promise<void>;
  #pool: SessionPool | undefined;
  #isClosed = false;

  constructor(options: Required<InferenceServiceOptions>) {
    this.#options = options;
    const { clock, maxQueuedItems } = options;
    this.#batcher = openOnlineBatcher({
      tryRun: (model, rows) => this.#pool?.tryRun(model, rows),
      clock,
      maxQueuedItems,
    });
    this.#loading = this.#load();
  }

  models(): ReturnType<InferenceService['models']> {
    const { catalogue } = this.#options;
    return catalogue.models().map((bundle) => {
      const { name } = bundle.manifest;
      const serving = servingWith(name, this.#prepared.get(name), this.#pool);
      return describeModel(bundle, catalogue.gpuProvider, serving);
    });
  }

  async predict({ model: name, texts, signal }: Parameters<InferenceService['predict']>[0]) {
    const { manifest } = this.#options.catalogue.bundle(name);
    signal?.throwIfAborted();
    return runTask(texts, { manifest }, this.#toolsOf(name, signal));
  }

  async warmUp(): ReturnType<InferenceService['warmUp']> {
    const { catalogue, clock } = this.#options;
    const models: { model: string; millis: number }[] = [];
    for (const { manifest } of catalogue.models()) {
      const startedMillis = clock.monotonicMillis();
      await runWarmUp(manifest, this.#toolsOf(manifest.name, undefined));
      models.push({ model: manifest.name, millis: clock.monotonicMillis() - startedMillis });
    }
    return { models, sessionsOpened: this.#pool?.sessionsOpened() ?? 0 };
  }

  /** Throws `not_ready` until the model has been ready once. */
  #toolsOf(name: string, signal: AbortSignal | undefined): Parameters<typeof runTask>[2] {
    const prepared = this.#prepared.get(name);
    if (prepared?.ok !== true || !this.#wasReady.has(name)) {
      const reason = notReadyReason(name, prepared, this.#pool);
      throw new SwitchyardError('not_ready', `The model cannot answer yet. ${reason}.`, {
        retryAfterSeconds: 1,
      });
    }
    const { tokenizer, spec } = prepared.model;
    const mayJoin = spec.variant.independentOfNeighbours;
    return {
      tokenizer,
      runRows: (rows) => this.#batcher.run({ model: name, rows, mayJoin, signal }),
    };
  }

  readiness(): ReturnType<InferenceService['readiness']> {
    const names = this.#options.catalogue.models().map(({ manifest }) => manifest.name);
    const reasons = names.flatMap(
      (name) => notReadyReason(name, this.#prepared.get(name), this.#pool) ?? [],
    );
    if (this.#isClosed) return { ready: false, reasons: ['the service is shutting down'] };
    return { ready: reasons.length === 0, reasons };
  }

  health(): ReturnType<InferenceService['health']> {
    const healthy = this.#batcher.stalledMillis() <= MAX_STALL_MILLIS;
    const reasons = healthy ? [] : ['items wait, but no session worker makes progress'];
    return { healthy, reasons };
  }

  async settled(): Promise<void> {
    await this.#loading;
    await this.#pool?.settled;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#batcher.close(new SwitchyardError('not_ready', 'The service is shutting down.'));
    await this.#loading;
    await this.#pool?.close();
  }

  async #load(): Promise<void> {
    const { catalogue, clock, sessionWorkers: workers, workerEntry } = this.#options;
    const bundles = [...catalogue.models()].sort(
      (a, b) => Number(isDefault(b.manifest.name)) - Number(isDefault(a.manifest.name)),
    );
    for (const bundle of bundles) {
      this.#prepared.set(bundle.manifest.name, await prepareModel(bundle));
    }
    if (this.#isClosed) return;
    const specs = [...this.#prepared.values()].flatMap((each) => (each.ok ? each.model.spec : []));
    const shared: Pick<SessionPoolOptions, 'specs' | 'warmUp' | 'onChange'> = {
      specs,
      warmUp: async ({ manifest }, runRows) => {
        const prepared = this.#prepared.get(manifest.name);
        if (prepared?.ok !== true) return;
        await runWarmUp(manifest, { tokenizer: prepared.model.tokenizer, runRows });
      },
      onChange: () => {
        for (const name of this.#prepared.keys()) {
          if (this.#pool?.loaded(name) !== undefined) this.#wasReady.add(name);
        }
        this.#batcher.pump();
      },
    };
    this.#pool =
      workers === 0
        ? openInlineSessionPool(shared)
        : openSessionPool({ ...shared, workers, workerEntry, clock });
  }
}

function isDefault(name: string): boolean {
  return name === DEFAULT_MODEL;
}
