import type { JobsSettings } from '#core/deployment/function-settings.ts';
import type { JobQueue } from '#core/ports/job-queue.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * The queue of the deployment. It takes nothing yet: a submission stays an intent among the job's
 * objects, which the reconciler hands over once a queue knows nothing of it.
 */
export function openJobQueue(settings: JobsSettings): JobQueue {
  return {
    submit: async () => {
      const detail = `${settings.SWITCHYARD_SPOT_QUEUE} is not connected to this function`;
      throw new SwitchyardError('lane_unavailable', detail);
    },
    describe: async () => undefined,
    terminate: async () => undefined,
  };
}
