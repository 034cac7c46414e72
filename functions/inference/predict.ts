import { parseWith } from '#core/contract/parse-with.ts';
import { predictRequestSchema } from '#core/contract/predict.ts';
import { prefersAsync, prefersFullRoute } from '#core/contract/prefer-header.ts';
import { predictResponse } from '#core/contract/shape-answer.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { readHeaderLines } from '../http-headers.ts';
import { jobOfTexts, startJob } from '../jobs/start-job.ts';
import { jsonAnswer } from '../json-answer.ts';
import { chargeRequest } from '../middleware/charge-request.ts';
import { inferMetrics } from '../middleware/infer-metrics.ts';
import { requestBody } from '../middleware/request-body.ts';
import { shownRequestId } from '../middleware/request-id.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';
import { answerTexts } from './answer-texts.ts';
import { refuseEscalatedJob, refuseEscalation } from './refuse-escalation.ts';
import { routeTexts } from './route-texts.ts';
import { findModel } from './run-inference.ts';

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
    async (event, signal, remainingMillis) => {
      const { text, topK, ...request } = parseWith(schema, event.json);
      findModel(deps.inference, request.model);
      event.notes = { model: request.model, items: 1 };
      refuseEscalation(request, deps);
      const prefer = readHeaderLines(event, 'prefer');
      const budget = await deps.budgets?.statusOf(tenantOf(event));
      const routed = routeTexts(
        {
          ...request,
          texts: [text],
          prefersAsync: prefersAsync(prefer),
          prefersFullRoute: prefersFullRoute(prefer),
          budget,
        },
        deps,
      );
      if (routed.kind === 'job') {
        refuseEscalatedJob(request);
        const job = jobOfTexts({ ...request, topK, texts: [text], lane: routed.lane });
        return startJob(event, job, { jobs: deps.jobs, route: routed.route });
      }
      const { outcomes, facts, usage } = await answerTexts(
        {
          ...{ ...request, budget, remainingMillis },
          texts: [text],
          signal,
          deadlineMs: routed.deadlineMs,
          passed: routed.passed,
          route: routed.route,
          requestId: shownRequestId(event),
        },
        deps,
      );
      event.usage = usage;
      return jsonAnswer(200, predictResponse(outcomes[0], { topK, facts }));
    },
  );
}
