import type { ItemOutcome } from '#core/contract/predict.ts';
import type { ProcessExit } from '#core/jobs/blame-exit.ts';
import type { ModelProvenance } from '#core/jobs/model-provenance.ts';

/**
 * The model as the work loop sees it. In a worker it lives in a child process, so that the loop hears
 * signals while the model runs and survives a crash of the native runtime.
 */
export interface CellModel {
  readonly provenance: ModelProvenance;
  /**
   * One outcome per text, in order. Throws {@link ModelProcessLost} when its process died and
   * {@link ModelRunThrew} when the runtime threw; either way the next call has a fresh process.
   */
  run(texts: readonly string[], options?: ModelRunOptions): Promise<readonly ItemOutcome[]>;
}

export interface ModelRunOptions {
  /**
   * Runs the texts one after the other, in order, each in a batch of its own.
   *
   * @default false
   */
  readonly alone?: boolean;
  /**
   * Divides the largest batch.
   *
   * @default 1
   */
  readonly tokenBudgetDivisor?: number;
}

/** Indexes of the texts in the batch that was begun last; undefined where none was. */
type StartedTexts = readonly number[] | undefined;

/** The process that ran the model died. Nothing was committed; the cell can simply be repeated. */
export class ModelProcessLost extends Error {
  override readonly name = 'ModelProcessLost';
  readonly exit: ProcessExit;
  readonly started: StartedTexts;
  /** True where it died before it could be given a text, and so did the ones started instead of it. */
  readonly isOpening: boolean;

  constructor(
    exit: ProcessExit,
    place: { readonly started?: StartedTexts; readonly isOpening?: boolean } = {},
  ) {
    super(`the model process ended (${exit.signal ?? `exit code ${exit.code}`})`);
    this.exit = exit;
    this.started = place.started;
    this.isOpening = place.isOpening ?? false;
  }
}

/** The native runtime threw. The message is for logs: nobody knows what it holds. */
export class ModelRunThrew extends Error {
  override readonly name = 'ModelRunThrew';
  readonly started: StartedTexts;

  constructor(message: string, started: StartedTexts) {
    super(message);
    this.started = started;
  }
}
