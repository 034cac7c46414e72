import type { OperationOf } from '#core/contract/routes.ts';
import type { Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { createGetCostsHandler } from '../service/get-costs.ts';
import { createGetDocsHandler } from '../service/get-docs.ts';
import { createGetOpenApiHandler } from '../service/get-openapi.ts';
import { createCancelJobHandler } from './cancel-job.ts';
import { createCreateJobHandler } from './create-job.ts';
import { createCreateUploadHandler } from './create-upload.ts';
import { createGetJobHandler } from './get-job.ts';
import { createGetJobErrorsHandler } from './get-job-errors.ts';
import { createGetJobResultsHandler } from './get-job-results.ts';
import { createListJobsHandler } from './list-jobs.ts';
import { createResumeJobHandler } from './resume-job.ts';

/** The routes that read and write the records of jobs; no model is needed for them. */
export function createJobHandlers(deps: JobDependencies): Record<OperationOf<'jobs'>, Handler> {
  return {
    createJob: createCreateJobHandler(deps),
    createUpload: createCreateUploadHandler(deps),
    listJobs: createListJobsHandler(deps),
    getJob: createGetJobHandler(deps),
    cancelJob: createCancelJobHandler(deps),
    resumeJob: createResumeJobHandler(deps),
    getJobResults: createGetJobResultsHandler(deps),
    getJobErrors: createGetJobErrorsHandler(deps),
    getCosts: createGetCostsHandler(deps),
    getOpenApi: createGetOpenApiHandler(deps),
    getDocs: createGetDocsHandler(deps),
  };
}
