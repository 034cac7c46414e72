// The Lambda function behind the queue of files that were put into the data bucket.

import { readS3ObjectOptions } from '#adapters/aws/s3/s3-object-options.ts';
import { encodeS3Version } from '#adapters/aws/s3/s3-version.ts';
import { jobsSettingsSchema } from '#core/deployment/function-settings.ts';
import { createDropEventAnswerer } from './answer-drop-events.ts';
import { openJobPorts } from './open-job-ports.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(jobsSettingsSchema, process.env);
// Awaited here, so that the SDK is loaded in the init phase.
const { ports, access } = await openJobPorts(settings, process.env);

export const handler = createDropEventAnswerer({
  ports,
  log: writeLog,
  versionOf: async ({ key, etag, versionId }) =>
    versionId === undefined
      ? await ports.inputSnapshots.version(`bucket/${key}`)
      : encodeS3Version({ etag, versionId }),
  optionsOf: (file) => readS3ObjectOptions(access, file),
});
