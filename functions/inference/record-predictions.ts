import type { Clock } from '#core/ports/clock.ts';
import type { PredictionLog } from '#core/ports/prediction-log.ts';
import type { PredictionRequest } from '#core/predictions/predicted-texts.ts';
import { digestOf, type PredictionDigest } from '#core/predictions/prediction-digest.ts';
import { predictionLine } from '#core/predictions/prediction-line.ts';
import type { FinishedRequest } from '../handler-dependencies.ts';

/** What a deployment keeps of answers, besides what they cost. */
export interface PredictionRecorder {
  /** For the request's row in the ledger; undefined where nothing is kept. */
  digest(request: FinishedRequest): PredictionDigest | undefined;
  /** Takes texts and answers into the log, where there is one. */
  keep(request: FinishedRequest): void;
}

/** Keeps nothing: `predictionLog: off`. */
export const noPredictions: PredictionRecorder = { digest: () => undefined, keep: () => undefined };

/** Keeps digests, and with a log the texts too. */
export function createPredictionRecorder(options: {
  readonly clock: Clock;
  /**
   * Where texts go.
   *
   * @default - they are not kept
   */
  readonly log?: PredictionLog | undefined;
}): PredictionRecorder {
  const { clock, log } = options;
  return {
    digest: (request) => digestOf(predictionRequest(request)),
    keep: (request) => {
      if (log === undefined) return;
      const at = new Date(clock.epochMillis()).toISOString();
      const line = predictionLine(predictionRequest(request), { at });
      if (line !== undefined) log.append(line);
    },
  };
}

function predictionRequest(request: FinishedRequest): PredictionRequest {
  const { requestId, tenant, model, status, askedItems, usage } = request;
  return { requestId, tenant, model, status, askedItems, predicted: usage?.predicted };
}
