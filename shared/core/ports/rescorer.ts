import type { EscalationAnswerer, EscalationFailure } from '../contract/escalation.ts';
import type { LabelScore } from '../contract/predict-answer.ts';

/** Gives texts a second label: a larger model of this deployment, or another's service. */
export interface Rescorer {
  readonly by: EscalationAnswerer;
  /**
   * One outcome per text, in order; a text that fails never fails its neighbours. Never throws for what
   * the other side did or did not do: the outcome says it, without anything that the other side wrote.
   * Once `signal` is aborted it resolves at once, with `timed_out` for each text without an answer.
   */
  rescore(request: RescoreRequest): Promise<readonly RescoreOutcome[]>;
}

export interface RescoreRequest {
  readonly texts: readonly string[];
  /** The closed set: no other label is ever an answer. */
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
}

export type RescoreOutcome =
  | {
      readonly ok: true;
      readonly label: string;
      /** Every label, best first; an endpoint states none. */
      readonly scores?: readonly LabelScore[];
      /** True where the second model had to cut the text. */
      readonly truncated: boolean;
      /** Undefined where the other side does not count them. */
      readonly tokens: RescoreTokens | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: EscalationFailure;
      /** What was read and written all the same, as far as the other side said it. */
      readonly tokens: RescoreTokens | undefined;
    };

export interface RescoreTokens {
  readonly input: number;
  readonly output: number;
}
