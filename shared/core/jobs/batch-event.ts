import * as z from 'zod';

const jobStateChangeSchema = z.looseObject({
  'detail-type': z.literal('Batch Job State Change'),
  detail: z.looseObject({ jobName: z.string(), status: z.string() }),
});

/** Another function of the deployment says that something about a job changed. */
const tellingSchema = z.strictObject({ jobId: z.string() });

/**
 * The job that an event is about: a state change of AWS Batch, whatever bus or source sent it, or a
 * call of our own. Undefined where it is about none of ours.
 */
export function jobOfEvent(event: unknown): string | undefined {
  const change = jobStateChangeSchema.safeParse(event).data;
  if (change !== undefined) return jobIdOfSubmission(change.detail.jobName);
  const jobId = tellingSchema.safeParse(event).data?.jobId;
  return jobId !== undefined && /^job_[0-9a-z]{26}$/.test(jobId) ? jobId : undefined;
}

/** The job that a submission is of: `<job id>-<ordinal>`. */
export function jobIdOfSubmission(name: string): string | undefined {
  return /^(job_[0-9a-z]{26})-\d+$/.exec(name)?.[1];
}
