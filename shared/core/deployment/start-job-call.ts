import * as z from 'zod';
import type { JobView } from '../contract/job-view.ts';
import { tenantSchema } from '../contract/tenant.ts';
import { type ErrorCode, errorCodes } from '../error-codes.ts';
import { jobRouteSchema } from '../jobs/job-route.ts';
import type { StartedJob } from '../ports/job-starter.ts';
import { SwitchyardError } from '../switchyard-error.ts';

// What the inference function and the jobs function say to each other. Both are deployed together,
// but not at the same moment: fields may be added, never renamed.

/** The payload of an Invoke that starts a job; no REST event has such a member. */
export const startJobCallSchema = z.strictObject({
  kind: z.literal('start-job'),
  tenant: tenantSchema,
  requestId: z.string(),
  idempotencyKey: z.string().optional(),
  /** Checked by the schema of `POST /jobs`, with the limits of the function that is called. */
  body: z.unknown(),
  /** Decided by the caller; without it the function that is called decides. */
  route: jobRouteSchema.optional(),
});

const errorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

const startJobReplySchema = z.union([
  z.object({
    ok: z.literal(true),
    created: z.boolean(),
    // Written by describeJob of the other side, and passed on to the caller as it is.
    job: z.custom<JobView>((job) => z.looseObject({ id: z.string() }).safeParse(job).success),
  }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      code: errorCodeSchema,
      detail: z.string(),
      members: z.record(z.string(), z.unknown()),
      retryAfterSeconds: z.number().optional(),
    }),
  }),
]);
export type StartJobReply = z.infer<typeof startJobReplySchema>;

/** The reply that carries an error of ours to the other side. */
export function startJobRefusal(error: SwitchyardError): StartJobReply {
  const { code, detail, members, retryAfterSeconds } = error;
  return {
    ok: false,
    error: {
      code,
      detail,
      members,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  };
}

/** The started job, or throws the error that the reply carries; `worker_failed` for any other reply. */
export function readStartJobReply(reply: unknown): StartedJob {
  const parsed = startJobReplySchema.safeParse(reply).data;
  if (parsed?.ok === true) return { job: parsed.job, created: parsed.created };
  if (parsed === undefined) throw noAnswer();
  const { code, detail, members, retryAfterSeconds } = parsed.error;
  throw new SwitchyardError(code, detail, {
    members,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** For a call that nobody answered; whether a job was made is not known, a repetition is harmless. */
export function noAnswer(cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'worker_failed',
    'the part of the service that keeps jobs did not answer; send the request again',
    { retryAfterSeconds: 1, cause },
  );
}
