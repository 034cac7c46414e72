import type { ModelDescription } from '#core/contract/model-view.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { AnswerEnvelope } from '#core/contract/predict-answer.ts';
import type { AnswerFacts } from '#core/contract/shape-answer.ts';
import { usageOf } from '#core/contract/shape-answer.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { RequestUse } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';

export interface InlineRequest {
  readonly model: string;
  readonly texts: readonly string[];
  /** Aborted when nobody waits any more; its reason is what the caller of this function gets. */
  readonly signal: AbortSignal;
  /** Counted from the call. */
  readonly deadlineMs: number | undefined;
  /**
   * The error for a deadline that passed.
   *
   * @default - one that knows of no other way
   */
  readonly passed?: ((deadlineMs: number) => SwitchyardError) | undefined;
  readonly route: AnswerEnvelope['route'];
  readonly requestId: string;
}

export interface InlineAnswer {
  readonly outcomes: readonly ItemOutcome[];
  readonly facts: AnswerFacts;
  /** What its price is made from. */
  readonly usage: RequestUse;
}

/**
 * Runs texts in this process and says what the answer has around its results. Throws
 * `model_not_found`, `not_ready`, `overloaded`, or `deadline_infeasible` when `deadlineMs` is over.
 */
export async function runInference(
  request: InlineRequest,
  deps: InferenceDependencies,
): Promise<InlineAnswer> {
  const startedMillis = deps.clock.monotonicMillis();
  const model = findModel(deps.inference, request.model);
  requireReady(deps.inference);
  const outcomes = await beforeDeadline(request, deps);
  const elapsedMillis = deps.clock.monotonicMillis() - startedMillis;
  const processingMillis = Math.round(elapsedMillis * 1000) / 1000;
  const { texts } = request;
  const predicted = { variant: model.serving?.variant, texts, outcomes };
  const usage = { ...usageOf(outcomes), processingMillis, predicted };
  return {
    outcomes,
    usage,
    facts: {
      model: model.name,
      model_version: model.version,
      processing_time_ms: processingMillis,
      request_id: request.requestId,
      route: request.route,
      cost: deps.costOf(usage),
    },
  };
}

/** Throws `model_not_found` with the names there are. */
export function findModel(inference: InferenceService, name: string): ModelDescription {
  const models = inference.models();
  const model = models.find((each) => each.name === name);
  if (model !== undefined) return model;
  const names = models.map((each) => each.name);
  throw new SwitchyardError('model_not_found', `no such model; there are: ${names.join(', ')}`, {
    members: { param: 'model', models: names },
  });
}

function requireReady(inference: InferenceService): void {
  const { ready, reasons } = inference.readiness();
  if (ready) return;
  throw new SwitchyardError('not_ready', `the models are being loaded: ${reasons.join('; ')}`, {
    retryAfterSeconds: 1,
  });
}

async function beforeDeadline(
  request: InlineRequest,
  deps: Pick<InferenceDependencies, 'inference' | 'clock'>,
): Promise<readonly ItemOutcome[]> {
  const { model, texts, deadlineMs, passed = deadlinePassed } = request;
  if (texts.length === 0) return [];
  const answered = new AbortController();
  const deadline = new AbortController();
  if (deadlineMs !== undefined) {
    const expire = () => deadline.abort(passed(deadlineMs));
    void deps.clock.sleep(deadlineMs, answered.signal).then(expire);
  }
  const signal = AbortSignal.any([deadline.signal, request.signal]);
  try {
    return await deps.inference.predict({ model, texts, signal });
  } finally {
    answered.abort();
  }
}

function deadlinePassed(deadlineMs: number): SwitchyardError {
  return new SwitchyardError(
    'deadline_infeasible',
    `no answer within ${deadlineMs} ms; give it more time or send fewer texts`,
    { members: { param: 'deadlineMs', deadline_ms: deadlineMs } },
  );
}
