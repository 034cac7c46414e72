import type * as z from 'zod';
import { createJobRequestSchema } from './job.ts';
import type { Limits } from './limits.ts';
import { predictBatchRequestSchema, predictRequestSchema } from './predict.ts';
import { explainRequestSchema, quotesRequestSchema } from './route-questions.ts';
import type { Operation } from './routes.ts';
import { uploadRequestSchema } from './upload.ts';

/**
 * The body of every route that takes JSON: what the OpenAPI document shows and what API Gateway checks
 * at the edge. The handlers parse with the same schemas.
 */
export function requestBodySchemas(limits: Limits) {
  return {
    predict: predictRequestSchema(limits),
    predictBatch: predictBatchRequestSchema(limits),
    createJob: createJobRequestSchema(limits),
    createUpload: uploadRequestSchema(limits),
    explainRoute: explainRequestSchema(limits),
    createQuotes: quotesRequestSchema(limits),
  } satisfies Partial<Record<Operation, z.ZodType>>;
}
