import type { HealthView, ReadyView } from '#core/contract/health-view.ts';
import type { ModelDescription } from '#core/contract/model-view.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';

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
  readiness(): ReadyView;
  /** Healthy: nothing waits, or the batcher moved within the last seconds. */
  health(): HealthView;
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
