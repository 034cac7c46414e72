import type { OperationOf } from '#core/contract/routes.ts';
import { createCreateQuotesHandler } from './create-quotes.ts';
import { createExplainRouteHandler } from './explain-route.ts';
import { createGetHealthHandler } from './get-health.ts';
import { createGetLimitsHandler } from './get-limits.ts';
import { createGetReadyHandler } from './get-ready.ts';
import type { Handler } from './handler.ts';
import type { InferenceDependencies } from './handler-dependencies.ts';
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
