import * as z from 'zod';

// What the stacks tell those who come after them: the CLI and the tests read these outputs by name.

/** Names of the stacks of one deployment; two of different names fit in one account. */
export function stackNamesOf(deploymentName: string) {
  return {
    serving: `${deploymentName}-serving`,
    bulk: `${deploymentName}-bulk`,
    operations: `${deploymentName}-operations`,
  } as const;
}

/** Outputs of the serving stack, by their keys in CloudFormation. */
export const servingOutputsSchema = z.object({
  /** Where the API answers, with its stage and without a slash at the end. */
  ApiUrl: z.string(),
  /** Id of the REST API. */
  ApiId: z.string(),
  /** Plan that new keys are put on; absent where callers are known otherwise than by keys. */
  UsagePlanId: z.string().optional(),
});

/** Outputs of the bulk stack, by their keys in CloudFormation. */
export const bulkOutputsSchema = z.object({
  /** Bucket in which users put files and find results. */
  DataBucketName: z.string(),
  /** Bucket of what jobs and keys are recorded in. */
  WorkBucketName: z.string(),
  /** Bucket of the access logs of both. */
  LogBucketName: z.string(),
  /** Secret that ids and signatures are derived from; absent in deployments of earlier versions. */
  JobSecretArn: z.string().optional(),
});
