import type { ItemOutcome } from '#core/contract/predict.ts';
import type { ErrorCode } from '#core/error-codes.ts';
import type { ModelProvenance } from '#core/jobs/model-provenance.ts';
import type { Provider } from '#core/models/provider.ts';

/** From the supervisor to the process that runs the model. One request at a time. */
export type SessionRequest =
  | {
      readonly kind: 'open';
      readonly modelFolders: readonly string[];
      readonly model: string;
      readonly variant: string;
      readonly sha256: string;
      readonly provider: Provider;
    }
  | {
      readonly kind: 'run';
      readonly texts: readonly string[];
      /** Each text in a batch of its own. */
      readonly alone: boolean;
      readonly tokenBudgetDivisor: number;
    };

/** The answer to the request before; `started` may come any number of times before a `run`'s. */
export type SessionReply =
  | {
      readonly kind: 'started';
      /** Indexes of the texts that the native runtime gets next. */
      readonly texts: readonly number[];
    }
  | { readonly kind: 'opened'; readonly provenance: ModelProvenance }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly ItemOutcome[] }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'threw'; readonly message: string };
