import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { openS3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import { countUnpriced, createUsagePricer } from '#core/cost/usage-line.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { readBulkOutputs } from '../service/read-bulk-outputs.ts';

/** The ledger of a deployment in AWS: requests, jobs and warm-ups of all its callers. */
export async function openDeploymentLedger(
  place: { readonly deployment: string; readonly region: string },
  catalogue: PriceCatalogue,
): Promise<Pick<Ledger, 'read'> & { readonly unpricedLines: () => number }> {
  const { region } = place;
  const { DataBucketName: bucket } = await readBulkOutputs(place);
  const { priceUsage, unpricedLines } = countUnpriced(createUsagePricer(() => catalogue));
  const ledger = createObjectLedger({
    objectStore: createS3ObjectStore(openS3Access({ buckets: { bucket }, region })),
    priceUsage,
  });
  return { read: (range) => ledger.read(range), unpricedLines };
}
