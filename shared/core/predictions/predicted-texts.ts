import type { ItemOutcome } from '../contract/predict.ts';

/** The texts of one request and what a model said of them: in memory only, until the log took its part. */
export interface PredictedTexts {
  /** File of the model that answered; undefined where that is not known. */
  readonly variant: string | undefined;
  readonly texts: readonly string[];
  /** One per text, in order. */
  readonly outcomes: readonly ItemOutcome[];
}

/** A finished request as the prediction log wants it. */
export interface PredictionRequest {
  readonly requestId: string;
  readonly tenant: string;
  /** A model that exists; undefined where the request named none. */
  readonly model: string | undefined;
  readonly status: number;
  /** Texts that the request had, as far as it could be read. */
  readonly askedItems: number;
  /** Undefined where no model ran. */
  readonly predicted: PredictedTexts | undefined;
}
