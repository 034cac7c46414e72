import { join } from 'node:path';
import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { openS3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { unpricedRow } from '#core/cost/usage-line.ts';
import { bulkOutputsSchema, stackNamesOf } from '#core/deployment/stack-outputs.ts';
import type { DriftPorts } from '#work/drift/watch-drift.ts';
import { noDeployment } from './open-deployment-ledger.ts';

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
  const outputs = await readStackOutputs(stackNamesOf(place.deployment).bulk, { region });
  if (outputs === undefined) throw noDeployment(place);
  const { DataBucketName: bucket } = bulkOutputsSchema.parse(outputs);
  const objectStore = createS3ObjectStore(openS3Access({ buckets: { bucket }, region }));
  return { ledger: createObjectLedger({ objectStore, priceUsage: unpricedRow }), objectStore };
}
