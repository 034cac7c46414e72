// The Lambda function that API Gateway asks whose key a request carries.

import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { authorizerSettingsSchema } from '#core/deployment/function-settings.ts';
import { createKeyCheck } from './check-api-key.ts';
import { openDeploymentBuckets } from './open-deployment-buckets.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(authorizerSettingsSchema, process.env);
const access = openDeploymentBuckets({ work: settings.SWITCHYARD_WORK_BUCKET }, process.env);

// Every call needs it; in the init phase it is loaded at full speed.
await access.requests();

export const handler = createKeyCheck({
  objectStore: createS3ObjectStore(access),
  clock: systemClock,
  log: writeLog,
});
