import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { openS3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import { countUnpriced, createUsagePricer } from '#core/cost/usage-line.ts';
import { bulkOutputsSchema, stackNamesOf } from '#core/deployment/stack-outputs.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** The ledger of a deployment in AWS: requests, jobs and warm-ups of all its callers. */
export async function openDeploymentLedger(
  { deployment, region }: { readonly deployment: string; readonly region: string },
  catalogue: PriceCatalogue,
): Promise<Pick<Ledger, 'read'> & { readonly unpricedLines: () => number }> {
  const outputs = await readStackOutputs(stackNamesOf(deployment).bulk, { region });
  if (outputs === undefined) throw noDeployment({ deployment, region });
  const { DataBucketName: bucket } = bulkOutputsSchema.parse(outputs);
  const { priceUsage, unpricedLines } = countUnpriced(createUsagePricer(() => catalogue));
  const ledger = createObjectLedger({
    objectStore: createS3ObjectStore(openS3Access({ buckets: { bucket }, region })),
    priceUsage,
  });
  return { read: (range) => ledger.read(range), unpricedLines };
}

export function noDeployment(place: {
  readonly deployment: string;
  readonly region: string;
}): CliError {
  const detail = `there is no deployment "${place.deployment}" in ${place.region}`;
  const remedy = 'Name another with --deployment and --region.';
  return new CliError(exitCodes.usage, 'no_deployment', detail, { remedy });
}
