// The Lambda function behind AWS Batch's events, and behind fleet workers that came to an end.

import { jobsSettingsSchema } from '#core/deployment/function-settings.ts';
import { createBatchEventAnswerer } from './answer-batch-events.ts';
import { openJobPorts } from './open-job-ports.ts';
import { openRoundOptions } from './open-round-options.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(jobsSettingsSchema, process.env);
const { ports } = await openJobPorts(settings, process.env);

export const handler = createBatchEventAnswerer({
  ports,
  round: openRoundOptions(settings),
  log: writeLog,
});
