import type { Operation } from '#core/contract/routes.ts';
import { createCancelJobHandler } from './cancel-job.ts';
import { createCreateJobHandler } from './create-job.ts';
import { createGetHealthHandler } from './get-health.ts';
import { createGetJobHandler } from './get-job.ts';
import { createGetJobErrorsHandler } from './get-job-errors.ts';
import { createGetJobResultsHandler } from './get-job-results.ts';
import { createGetLimitsHandler } from './get-limits.ts';
import { createGetReadyHandler } from './get-ready.ts';
import type { Handler } from './handler.ts';
import type { HandlerDependencies } from './handler-dependencies.ts';
import { createListJobsHandler } from './list-jobs.ts';
import { createListModelsHandler } from './list-models.ts';
import { createPredictHandler } from './predict.ts';
import { createPredictBatchHandler } from './predict-batch.ts';
import { createResumeJobHandler } from './resume-job.ts';

/** Every route's handler, for a process that serves all of them. */
export function createHandlers(deps: HandlerDependencies): Record<Operation, Handler> {
  return {
    predict: createPredictHandler(deps),
    predictBatch: createPredictBatchHandler(deps),
    createJob: createCreateJobHandler(deps),
    listJobs: createListJobsHandler(deps),
    getJob: createGetJobHandler(deps),
    cancelJob: createCancelJobHandler(deps),
    resumeJob: createResumeJobHandler(deps),
    getJobResults: createGetJobResultsHandler(deps),
    getJobErrors: createGetJobErrorsHandler(deps),
    listModels: createListModelsHandler(deps),
    getLimits: createGetLimitsHandler(deps),
    getHealth: createGetHealthHandler(deps),
    getReady: createGetReadyHandler(deps),
  };
}
