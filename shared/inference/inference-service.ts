import type { Lane } from '#core/contract/lane.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { Task } from '#core/models/model-manifest.ts';

/**
 * Answers requests inside this process. With session workers, the JavaScript thread that calls it never
 * runs a model.
 */
export interface InferenceService {
  /** Every model it serves, by name. */
  models(): readonly ModelDescription[];
  /**
   * One outcome per text, in order. The texts must have passed `textSchema`. Throws `model_not_found`,
   * `not_ready`, `overloaded` (with Retry-After), or the signal's reason when aborted.
   */
  predict(request: {
    readonly model: string;
    readonly texts: readonly string[];
    readonly signal?: AbortSignal;
  }): Promise<readonly ItemOutcome[]>;
  /** Ready: the files of every model are verified AND a warm inference gave the expected answer. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] };
  /** Healthy: nothing waits, or the batcher moved within the last seconds. */
  health(): { readonly healthy: boolean; readonly reasons: readonly string[] };
  /**
   * Runs every model once on the text of its manifest, through the same queue as requests, and checks
   * the answers. Throws `not_ready`, `overloaded` or `model_invalid`.
   */
  warmUp(): Promise<WarmUpReport>;
  /** Resolves once every model was loaded or could not be; `readiness()` then tells which. */
  settled(): Promise<void>;
  /** Ends the session workers; waiting requests get `not_ready`. */
  close(): Promise<void>;
}

interface WarmUpReport {
  /** Time of each model's inference. */
  readonly models: readonly { readonly model: string; readonly millis: number }[];
  /** Sessions opened by this process since its start. */
  readonly sessionsOpened: number;
}

/** One entry of `GET /models`. */
export interface ModelDescription {
  readonly name: string;
  readonly version: string;
  readonly task: Task;
  readonly labels: readonly string[];
  readonly token_limit: number;
  readonly variants: readonly {
    readonly name: string;
    readonly sha256: string;
    readonly independent_of_neighbours: boolean;
  }[];
  /** Where the model can run, and why not elsewhere. */
  readonly lanes: readonly {
    readonly lane: Lane;
    readonly available: boolean;
    readonly reason?: string;
  }[];
  /** What this process answers with, once loaded. */
  readonly serving: {
    readonly variant: string;
    readonly provider: string;
    readonly runtime: string;
  } | null;
  readonly warnings: readonly string[];
}
