import type { APIGatewayProxyResult } from 'aws-lambda';
import type { BudgetStatus } from '#core/contract/budget.ts';
import { checkTexts } from '#core/contract/check-texts.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { refuseTooManyItems } from '#core/contract/place-request.ts';
import { type PredictBatchRequest, predictBatchRequestSchema } from '#core/contract/predict.ts';
import { prefersAsync, prefersFullRoute } from '#core/contract/prefer-header.ts';
import { predictBatchResponse } from '#core/contract/shape-answer.ts';
import { composeRoute, type Handler, type RouteEvent } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { readHeaderLines, withHeaders } from '../http-headers.ts';
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
import { type RoutedTexts, routeTexts } from './route-texts.ts';
import { findModel } from './run-inference.ts';

/** `POST /predict/batch`: few texts are answered here, more become a job where the caller takes one. */
export function createPredictBatchHandler(deps: InferenceDependencies): Handler {
  const schema = predictBatchRequestSchema(deps.limits);
  return composeRoute(
    [
      chargeRequest(deps),
      ...standardMiddleware(deps),
      inferMetrics(deps),
      requestBody(deps.limits),
    ],
    async (event, signal, remainingMillis) => {
      refuseTooManyItems(event.json, 'texts', deps.limits);
      const request = parseWith(schema, event.json);
      const { texts, model } = request;
      findModel(deps.inference, model);
      event.notes = { model, items: texts.length };
      refuseEscalation(request, deps);
      const prefer = readHeaderLines(event, 'prefer');
      const wantsJob = prefersAsync(prefer);
      const budget = await deps.budgets?.statusOf(tenantOf(event));
      const routed = routeTexts(
        { ...request, prefersAsync: wantsJob, prefersFullRoute: prefersFullRoute(prefer), budget },
        deps,
      );
      if (routed.kind === 'inline') {
        return answerInline(event, { request, routed, budget, remainingMillis, signal, deps });
      }
      refuseEscalatedJob(request);
      const { jobs } = deps;
      const job = jobOfTexts({ ...request, lane: routed.lane });
      const accepted = await startJob(event, job, { jobs, route: routed.route });
      return wantsJob ? withHeaders(accepted, preferenceApplied) : accepted;
    },
  );
}

const preferenceApplied = { 'preference-applied': 'respond-async' } as const;

async function answerInline(
  event: RouteEvent,
  options: {
    readonly request: PredictBatchRequest;
    readonly routed: Extract<RoutedTexts, { kind: 'inline' }>;
    readonly budget: BudgetStatus | undefined;
    readonly remainingMillis: () => number;
    readonly signal: AbortSignal;
    readonly deps: InferenceDependencies;
  },
): Promise<APIGatewayProxyResult> {
  const { request, deps } = options;
  const { good, bad } = checkTexts(request.texts, deps.limits);
  const { outcomes, facts, usage } = await answerTexts(
    {
      ...request,
      budget: options.budget,
      remainingMillis: options.remainingMillis,
      texts: good.map(({ text }) => text),
      signal: options.signal,
      deadlineMs: options.routed.deadlineMs,
      passed: options.routed.passed,
      route: options.routed.route,
      requestId: shownRequestId(event),
    },
    deps,
  );
  event.usage = usage;
  const { topK } = request;
  return jsonAnswer(200, predictBatchResponse({ good, bad, outcomes }, { topK, facts }));
}
