import { createJobRequestSchema } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import {
  type StartJobReply,
  startJobCallSchema,
  startJobRefusal,
} from '#core/deployment/start-job-call.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { Log } from '../handler-dependencies.ts';

/**
 * Answers an Invoke of the inference function: an error of the request is an answer, so that it reaches
 * the caller as it is; what is a bug here fails the invocation. Undefined for any other event.
 */
export function createStartCallAnswerer(deps: {
  readonly jobs: JobStarter;
  readonly limits: Limits;
  readonly log: Log;
}): (event: unknown) => Promise<StartJobReply | undefined> {
  const bodySchema = createJobRequestSchema(deps.limits);
  return async (event) => {
    const call = startJobCallSchema.safeParse(event).data;
    if (call === undefined) return undefined;
    const { tenant, requestId, idempotencyKey, route } = call;
    try {
      const started = await deps.jobs.create({
        tenant,
        requestId,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        body: parseWith(bodySchema, call.body),
        ...(route === undefined ? {} : { route }),
      });
      const { created } = started;
      deps.log({ event: 'job_started', request_id: requestId, job: started.job.id, created });
      return { ok: true, ...started };
    } catch (error) {
      if (!(error instanceof SwitchyardError)) throw error;
      deps.log({ event: 'job_refused', request_id: requestId, code: error.code });
      return startJobRefusal(error);
    }
  };
}
