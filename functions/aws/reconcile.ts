// The Lambda function of the schedule: repairs what lost events left behind.

import { jobsSettingsSchema } from '#core/deployment/function-settings.ts';
import { createReconcileJobsHandler } from '../jobs/reconcile-jobs.ts';
import { openJobPorts } from './open-job-ports.ts';
import { openRoundOptions } from './open-round-options.ts';
import { keepShippedStates } from './open-shipped-router.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(jobsSettingsSchema, process.env);
const { ports } = await openJobPorts(settings, process.env);

// By the schedule, so that no request waits for it: who asks about an old answer finds its state.
await keepShippedStates(ports.objectStore, settings, process.env).catch((error: unknown) => {
  writeLog({ level: 'error', event: 'states_not_kept', detail: String(error) });
});

export const handler = createReconcileJobsHandler({
  ports,
  round: openRoundOptions(settings),
  log: writeLog,
});
