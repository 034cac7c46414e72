import type { ErrorCode } from '#core/error-codes.ts';
import type { ModelSessionSpec } from './open-model-session.ts';

/** What the main thread asks of a session worker. Requests are answered one by one, in order. */
export type SessionRequest =
  | { readonly kind: 'load'; readonly id: number; readonly spec: ModelSessionSpec }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly model: string;
      readonly rows: readonly Int32Array[];
    };

export type SessionReply =
  | { readonly kind: 'loaded'; readonly id: number; readonly loaded: LoadedSession }
  | { readonly kind: 'outputs'; readonly id: number; readonly outputs: readonly Float32Array[] }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly detail: string;
      /** Stack of what lies behind it; for logs only. */
      readonly cause: string;
    };

export interface LoadedSession {
  readonly device: string;
  readonly runtime: string;
}
