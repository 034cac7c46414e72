import type { OperationOf } from '#core/contract/routes.ts';
import type { Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { createCreateQuotesHandler } from '../routing/create-quotes.ts';
import { createExplainRouteHandler } from '../routing/explain-route.ts';
import { createGetHealthHandler } from '../service/get-health.ts';
import { createGetLimitsHandler } from '../service/get-limits.ts';
import { createGetReadyHandler } from '../service/get-ready.ts';
import { createListModelsHandler } from './list-models.ts';
import { createPredictHandler } from './predict.ts';
import { createPredictBatchHandler } from './predict-batch.ts';

/** The routes that need the models at hand. */
export function createInferenceHandlers(
  deps: InferenceDependencies,
): Record<OperationOf<'inference'>, Handler> {
  return {
    predict: createPredictHandler(deps),
    predictBatch: createPredictBatchHandler(deps),
    explainRoute: createExplainRouteHandler(deps),
    createQuotes: createCreateQuotesHandler(deps),
    listModels: createListModelsHandler(deps),
    getLimits: createGetLimitsHandler(deps),
    getHealth: createGetHealthHandler(deps),
    getReady: createGetReadyHandler(deps),
  };
}
