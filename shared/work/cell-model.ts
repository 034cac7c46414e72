import type { ItemOutcome } from '#core/contract/predict.ts';

/**
 * The model as the work loop sees it. In a worker it lives in a child process, so that the loop hears
 * signals while the model runs and survives a crash of the native runtime.
 */
export interface CellModel {
  readonly provenance: {
    readonly model: string;
    readonly modelVersion: string;
    readonly modelSha256: string;
    readonly variant: string;
    readonly provider: string;
    readonly device: string;
    readonly runtime: string;
  };
  /** One outcome per text, in order. Throws {@link ModelProcessLost} when its process died. */
  run(texts: readonly string[]): Promise<readonly ItemOutcome[]>;
}

/** The process that ran the model died. Nothing was committed; the cell can simply be repeated. */
export class ModelProcessLost extends Error {
  override readonly name = 'ModelProcessLost';
  readonly exit: { readonly code: number | null; readonly signal: string | null };

  constructor(exit: { readonly code: number | null; readonly signal: string | null }) {
    super(`the model process ended (${exit.signal ?? `exit code ${exit.code}`})`);
    this.exit = exit;
  }
}
