import type { FleetCall } from '#core/fleet/fleet-call.ts';
import { fleetKeys } from '#core/fleet/fleet-records.ts';
import { assertSubmission } from '#core/jobs/submission-limits.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import type { JobQueue } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { describeFleet } from './describe-fleet.ts';

export interface FleetJobQueueOptions {
  readonly objectStore: ObjectStore;
  readonly invoker: FunctionInvoker;
  readonly clock: Clock;
  /** The function whose calls are workers. */
  readonly fleetFunction: string;
  /**
   * Told the id of a job whose worker came to its end.
   *
   * @default - nobody is told
   */
  readonly finishFunction?: string;
  /**
   * How long `terminate` waits for workers that leave, in milliseconds.
   *
   * @default 45000
   */
  readonly stopWaitMillis?: number;
}

const CALLS_IN_FLIGHT = 10;

/**
 * Workers that are calls of a function which nobody waits for. What became of them stands in objects
 * that they write, so describing a submission asks the store alone. Calls may be made twice: a worker
 * that is there already makes the second one nothing.
 */
export function createFleetJobQueue(options: FleetJobQueueOptions): JobQueue {
  const { objectStore, invoker, clock, fleetFunction, finishFunction } = options;
  const stopWaitMillis = options.stopWaitMillis ?? 45_000;
  return {
    async submit(submission) {
      assertSubmission(submission);
      const { name, workers, environment } = submission;
      if ((await objectStore.head(fleetKeys.submitted(name))) !== undefined) return;
      const intent = encodeJson({ workers, atMillis: clock.epochMillis() });
      await objectStore.putIfAbsent(fleetKeys.intent(name), intent);
      const indexes = Array.from({ length: workers }, (_, arrayIndex) => arrayIndex);
      await mapLimited(indexes, { limit: CALLS_IN_FLIGHT }, async (arrayIndex) => {
        const call: FleetCall = {
          submission: name,
          arrayIndex,
          attempt: 1,
          environment: { ...environment },
          ...(finishFunction === undefined ? {} : { finishFunction }),
        };
        await invoker.start(fleetFunction, call);
      });
      await objectStore.putIfAbsent(fleetKeys.submitted(name), encodeJson({}));
    },
    describe: (name) => describeFleet(options, name),
    async terminate(name, reason) {
      const state = await describeFleet(options, name);
      if (state?.status !== 'queued' && state?.status !== 'running') return;
      await objectStore.putIfAbsent(fleetKeys.stop(name), encodeJson({ reason }));
      const untilMillis = clock.monotonicMillis() + stopWaitMillis;
      for (let pauseMillis = 100; await isRunning(options, name); pauseMillis *= 1.5) {
        if (clock.monotonicMillis() >= untilMillis) return;
        await clock.sleep(Math.min(5_000, pauseMillis));
      }
    },
  };
}

async function isRunning(options: FleetJobQueueOptions, name: string): Promise<boolean> {
  const state = await describeFleet(options, name);
  return state?.workers?.some(({ status }) => status === 'RUNNING') ?? false;
}
