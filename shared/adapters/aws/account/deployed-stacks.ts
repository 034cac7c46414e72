import {
  CloudFormationClient,
  DeleteStackCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { DeployedStacks } from '#core/ports/deployed-stacks.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readStackOutputs } from './read-stack-outputs.ts';

/** Batch takes its time to let instances go. */
const MAX_WAIT_SECONDS = 1_800;

/**
 * Stacks in CloudFormation and buckets in S3. Another S3 than AWS's (`endpoint`) is addressed in path
 * style. Imports the SDK at once: whoever may not need it imports this file late.
 */
export function createDeployedStacks(options: {
  readonly region: string;
  readonly endpoint?: string | undefined;
}): DeployedStacks {
  const { region, endpoint } = options;
  const stacks = new CloudFormationClient({ region, maxAttempts: 5 });
  const buckets = new S3Client({
    region,
    maxAttempts: 8,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  return {
    outputs: (stackName) => readStackOutputs(stackName, { region }),
    async remove(stackName) {
      await stacks.send(new DeleteStackCommand({ StackName: stackName }));
      try {
        await waitUntilStackDeleteComplete(
          { client: stacks, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1, maxDelay: 15 },
          { StackName: stackName },
        );
      } catch (error) {
        throw new SwitchyardError(
          'worker_failed',
          `the stack ${stackName} could not be deleted; its events in CloudFormation say why`,
          { cause: error },
        );
      }
    },
    emptyBucket: (bucket) => unlessMissing(() => emptyBucket(buckets, bucket), 0),
    removeBucket: (bucket) =>
      unlessMissing(async () => {
        await buckets.send(new DeleteBucketCommand({ Bucket: bucket }));
      }, undefined),
  };
}

async function emptyBucket(client: S3Client, bucket: string): Promise<number> {
  let removed = 0;
  for (;;) {
    // From the start each time: what was listed is gone.
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (entries.length === 0) return removed;
    const Objects = entries.map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [failed] = Errors;
    if (failed !== undefined) {
      const detail = `an object of ${bucket} cannot be deleted (${failed.Code})`;
      throw new SwitchyardError('forbidden', detail);
    }
    removed += entries.length;
  }
}

async function unlessMissing<Result>(act: () => Promise<Result>, missing: Result): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucket') return missing;
    throw error;
  }
}
