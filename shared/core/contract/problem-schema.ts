import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { type ErrorCode, errorCodes } from '../error-codes.ts';

/**
 * RFC 9457 problem document merged with the OpenAI error envelope: pure problem+json loses code and
 * message in the OpenAI SDKs, and the merged body satisfies both.
 */
export const problemSchema = z.looseObject({
  type: z.string().describe('`urn:switchyard:problem:<code>`.'),
  title: z.string().describe('The same for every error of one code.'),
  status: z.int(),
  detail: z.string().describe('What happened this time, the limit and the remedy.'),
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  retryable: z.boolean().describe('Whether the same call can succeed later.'),
  request_id: z.string(),
  error: z
    .object({
      message: z.string(),
      type: z.enum(['invalid_request_error', 'server_error']),
      param: z.string().nullable().describe('The field that is wrong.'),
      code: z.string(),
    })
    .describe('The same for clients that read the envelope of OpenAI.'),
});
export type ProblemDocument = DeepReadonly<z.infer<typeof problemSchema>>;
