import { bulkOutputsSchema, stackNamesOf } from '#core/deployment/stack-outputs.ts';
import type { DeployedStacks } from '#core/ports/deployed-stacks.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export interface EndedDeployment {
  readonly removedStacks: readonly string[];
  /** Objects and versions that are gone. */
  readonly removedObjects: number;
  /** Buckets that are still there, with what the users put in and got out. */
  readonly keptBuckets: readonly string[];
}

/**
 * Ends a deployment: the stacks, those that need others first, and the objects of jobs. The users'
 * bucket and its access logs stay unless `purge` is set. Repeatable: what is gone is passed over.
 * Throws `object_not_found` where there is no such deployment.
 */
export async function endDeployment(
  stacks: DeployedStacks,
  options: { readonly name: string; readonly purge: boolean },
): Promise<EndedDeployment> {
  const names = stackNamesOf(options.name);
  const bulk = await stacks.outputs(names.bulk);
  if (bulk === undefined) {
    throw new SwitchyardError('object_not_found', `there is no deployment "${options.name}" here`);
  }
  const buckets = bulkOutputsSchema.parse(bulk);
  const kept = [buckets.DataBucketName, buckets.LogBucketName];
  await stacks.remove(names.operations);
  await stacks.remove(names.serving);
  // A bucket must be empty to go with its stack; nobody writes into it any more.
  let removedObjects = await stacks.emptyBucket(buckets.WorkBucketName);
  await stacks.remove(names.bulk);
  if (options.purge) {
    for (const bucket of kept) {
      removedObjects += await stacks.emptyBucket(bucket);
      await stacks.removeBucket(bucket);
    }
  }
  return {
    removedStacks: [names.operations, names.serving, names.bulk],
    removedObjects,
    keptBuckets: options.purge ? [] : kept,
  };
}
