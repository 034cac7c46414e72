import type { SubmitJobCommandInput } from '@aws-sdk/client-batch';
import { assertSubmission } from '#core/jobs/submission-limits.ts';
import type { WorkerSubmission } from '#core/ports/job-queue.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** AWS Batch takes no larger SubmitJob, in bytes. */
const MAX_REQUEST_BYTES = 30 * 1_024;

/** Amazon ECS takes no larger overrides of a container, in bytes of JSON. */
const MAX_OVERRIDE_BYTES = 8 * 1_024;

/**
 * The SubmitJob of a submission: an array job, or a plain one for one worker, since an array has at
 * least two. Attempts and retry rules are the job definition's. Throws `invalid_request`.
 */
export function toSubmitJob(
  submission: WorkerSubmission,
  target: { readonly jobQueue: string; readonly jobDefinition: string },
): SubmitJobCommandInput {
  assertSubmission(submission);
  const { name, workers, environment } = submission;
  const request = {
    jobName: name,
    ...target,
    ...(workers === 1 ? {} : { arrayProperties: { size: workers } }),
    containerOverrides: {
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    },
  };
  const reserved = Object.keys(environment).find((key) => key.startsWith('AWS_BATCH'));
  if (reserved !== undefined) refuse(`${reserved} is set by AWS Batch itself; leave it out`);
  if (jsonBytes(request.containerOverrides) > MAX_OVERRIDE_BYTES) {
    refuse(`The settings of a submission have at most ${MAX_OVERRIDE_BYTES} bytes of JSON`);
  }
  if (jsonBytes(request) > MAX_REQUEST_BYTES) {
    refuse(`A submission has at most ${MAX_REQUEST_BYTES} bytes of JSON`);
  }
  return request;
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

function refuse(limit: string): never {
  throw new SwitchyardError('invalid_request', `${limit}. Put lists into an object.`);
}
