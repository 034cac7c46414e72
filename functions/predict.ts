import { parseWith } from '#core/contract/parse-with.ts';
import { placeRequest } from '#core/contract/place-request.ts';
import { predictRequestSchema } from '#core/contract/predict.ts';
import { predictResponse } from '#core/contract/shape-answer.ts';
import { composeRoute, type Handler } from './handler.ts';
import type { InferenceDependencies } from './handler-dependencies.ts';
import { jsonAnswer } from './json-answer.ts';
import { chargeRequest } from './middleware/charge-request.ts';
import { inferMetrics } from './middleware/infer-metrics.ts';
import { requestBody } from './middleware/request-body.ts';
import { standardMiddleware } from './middleware/standard-middleware.ts';
import { findModel, runInference } from './run-inference.ts';
import { jobOfTexts, startJob } from './start-job.ts';

/** `POST /predict`: one text, answered here or, in another lane than `cpu`, by a job (202). */
export function createPredictHandler(deps: InferenceDependencies): Handler {
  const schema = predictRequestSchema(deps.limits);
  return composeRoute(
    [
      chargeRequest(deps),
      ...standardMiddleware(deps),
      inferMetrics(deps),
      requestBody(deps.limits),
    ],
    async (event, signal) => {
      const { text, topK, ...request } = parseWith(schema, event.json);
      findModel(deps.inference, request.model);
      event.notes = { model: request.model, items: 1 };
      const placement = placeRequest(
        { items: 1, lane: request.lane, prefersAsync: false },
        deps.limits,
      );
      if (placement.kind === 'job') {
        const job = jobOfTexts({ ...request, topK, texts: [text], lane: placement.lane });
        return startJob(event, job, deps);
      }
      const { outcomes, facts, usage } = await runInference(
        {
          model: request.model,
          texts: [text],
          signal,
          deadlineMs: request.deadlineMs,
          route: { lane: 'cpu', reason: placement.reason },
          requestId: event.requestContext.requestId,
        },
        deps,
      );
      event.usage = usage;
      return jsonAnswer(200, predictResponse(outcomes[0], { topK, facts }));
    },
  );
}
