import * as z from 'zod';
import { MAX_WORKER_ATTEMPTS } from '../ports/job-queue.ts';

/** What a worker is told may not reach into the runtime that starts it. */
const variableSchema = z.string().regex(/^(?!AWS_|NODE_|LD_|LAMBDA_)[A-Z][A-Z0-9_]*$/);

/** Payload of a call of the fleet function: one try of one worker of a submission. */
export const fleetCallSchema = z.strictObject({
  submission: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  arrayIndex: z.int().min(0).max(9_999),
  attempt: z.int().min(1).max(MAX_WORKER_ATTEMPTS),
  environment: z.record(variableSchema, z.string()),
  /** Told the job's id when the worker came to its end. */
  finishFunction: z.string().min(1).optional(),
});
export type FleetCall = z.infer<typeof fleetCallSchema>;
