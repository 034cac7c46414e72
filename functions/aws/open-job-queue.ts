import { createBatchJobQueue } from '#adapters/aws/batch/batch-job-queue.ts';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import type { JobsSettings } from '#core/deployment/function-settings.ts';
import type { JobQueue } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createFleetJobQueue } from '#work/fleet/fleet-job-queue.ts';
import { createLaneJobQueue } from '#work/reconcile/lane-job-queue.ts';

/** A caller waits for this; workers that take longer to leave wake the finisher when they are gone. */
const STOP_WAIT_MILLIS = 3_000;

/**
 * The queues of the deployment behind one: the Lambda fleet, and AWS Batch on spot and on demand. The
 * SDK's own variables (`AWS_ENDPOINT_URL_BATCH` …) name other implementations.
 */
export function openJobQueue(
  settings: JobsSettings,
  deps: {
    readonly objectStore: ObjectStore;
    readonly variables: Readonly<Record<string, string | undefined>>;
  },
): JobQueue {
  const { objectStore, variables } = deps;
  const shared = { objectStore, clock: systemClock, stopWaitMillis: STOP_WAIT_MILLIS };
  // The function that finishes jobs cannot be told its own ARN; the platform tells it its name.
  const finishFunction =
    settings.SWITCHYARD_FINISH_FUNCTION ?? variables['AWS_LAMBDA_FUNCTION_NAME'];
  const batch = (lane: 'gpu-spot' | 'gpu-on-demand', jobQueue: string) =>
    createBatchJobQueue({
      ...shared,
      queueName: lane,
      jobQueue,
      jobDefinition: settings.SWITCHYARD_JOB_DEFINITION,
    });
  return createLaneJobQueue({
    objectStore,
    queues: {
      'cpu-fleet': createFleetJobQueue({
        ...shared,
        invoker: createLambdaFunctionInvoker(),
        fleetFunction: settings.SWITCHYARD_FLEET_FUNCTION,
        ...(finishFunction === undefined ? {} : { finishFunction }),
      }),
      'gpu-spot': batch('gpu-spot', settings.SWITCHYARD_SPOT_QUEUE),
      'gpu-on-demand': batch('gpu-on-demand', settings.SWITCHYARD_ON_DEMAND_QUEUE),
    },
  });
}
