import { resolve } from 'node:path';
import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import type { S3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3InputSnapshots } from '#adapters/aws/s3/s3-input-snapshots.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { DEPLOYED_CELL_BYTES, type JobsSettings } from '#core/deployment/function-settings.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import { openManifestCatalogue } from '#inference/manifest-catalogue.ts';
import { createJobRouting } from '#work/accept/route-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { openBudgets } from './open-budgets.ts';
import { openDeploymentBuckets } from './open-deployment-buckets.ts';
import { openJobCharges } from './open-job-charges.ts';
import { openJobQueue } from './open-job-queue.ts';
import { openShippedRouter } from './open-shipped-router.ts';
import { readDeployedBudgets } from './read-deployed-budgets.ts';

/**
 * AWS Batch keeps what it was given whatever happens to the functions, so every submission is of the
 * one start of the deployment.
 */
const GENERATION = 1;

/** What every function around jobs works on: two buckets, the secret, the manifests of the models. */
export async function openJobPorts(
  settings: JobsSettings,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{
  readonly ports: JobPorts;
  readonly access: S3Access;
  /** Undefined where nobody has one. */
  readonly budgets: TenantBudgets | undefined;
}> {
  const buckets = {
    bucket: settings.SWITCHYARD_DATA_BUCKET,
    work: settings.SWITCHYARD_WORK_BUCKET,
  };
  const access = openDeploymentBuckets(buckets, variables);
  const folder = resolve(variables['LAMBDA_TASK_ROOT'] ?? '.', settings.SWITCHYARD_MODELS);
  const [secret, catalogue] = await Promise.all([
    createSecretsManagerSource({ secretId: settings.SWITCHYARD_SECRET_ID }).read(),
    openManifestCatalogue({ folder, gpuProvider: 'cuda' }),
    // Every call of these functions needs it; in the init phase it is loaded at full speed.
    access.requests(),
  ]);
  const objectStore = createS3ObjectStore(access);
  const router = openShippedRouter(settings, variables);
  const { SWITCHYARD_BUDGETS: file } = settings;
  const budgets =
    file === undefined ? undefined : openBudgets(readDeployedBudgets(file, variables), objectStore);
  const ports: JobPorts = {
    ...(router === undefined ? {} : { routeJob: createJobRouting(router, budgets) }),
    budgets,
    charges: openJobCharges(objectStore, variables),
    objectStore,
    inputSnapshots: createS3InputSnapshots(access),
    jobQueue: openJobQueue(settings, { objectStore, variables }),
    clock: systemClock,
    catalogue,
    limits: defaultLimits,
    settings: {
      secret,
      bucketName: settings.SWITCHYARD_DATA_BUCKET,
      inputRules: { kind: 'granted', ...settings.SWITCHYARD_INPUTS },
      workers: settings.SWITCHYARD_FLEET_WORKERS,
      cellBytes: DEPLOYED_CELL_BYTES,
      generation: GENERATION,
    },
  };
  return { ports, access, budgets };
}
