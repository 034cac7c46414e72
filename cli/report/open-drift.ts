import { join } from 'node:path';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { openS3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { unpricedRow } from '#core/cost/usage-line.ts';
import type { DriftPorts } from '#work/drift/watch-drift.ts';
import { readBulkOutputs } from '../service/read-bulk-outputs.ts';

/** The ledger of this machine; reports and baselines go into its bucket. */
export async function openLocalDrift(data: string): Promise<DriftPorts> {
  const [ledger, objectStore] = await Promise.all([
    openFileLedger({ folder: join(data, 'ledger') }),
    openFolderObjectStore({ folder: data }),
  ]);
  return { ledger, objectStore };
}

/** Those of a deployment in AWS. */
export async function openDeployedDrift(place: {
  readonly deployment: string;
  readonly region: string;
}): Promise<DriftPorts> {
  const { region } = place;
  const { DataBucketName: bucket } = await readBulkOutputs(place);
  const objectStore = createS3ObjectStore(openS3Access({ buckets: { bucket }, region }));
  return { ledger: createObjectLedger({ objectStore, priceUsage: unpricedRow }), objectStore };
}
