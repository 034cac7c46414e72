import type { FleetCall } from '#core/fleet/fleet-call.ts';
import {
  FLEET_BEAT_MILLIS,
  type FleetEnd,
  fleetKeys,
  fleetStopSchema,
} from '#core/fleet/fleet-records.ts';
import { jobIdOfSubmission } from '#core/jobs/batch-event.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import { MAX_WORKER_ATTEMPTS } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import { type FleetWorker, type JudgedEnd, judgeEnd } from './fleet-worker.ts';
import { takeAttempt } from './take-attempt.ts';

export interface FleetPorts {
  readonly objectStore: ObjectStore;
  readonly invoker: FunctionInvoker;
  readonly clock: Clock;
  /** Starts the worker entry with these settings beside those of the function. */
  readonly startWorker: (environment: Readonly<Record<string, string>>) => FleetWorker;
  readonly timing: FleetTiming;
}

export interface FleetTiming {
  /** How often a worker's function looks for the wish that it leaves, in milliseconds. */
  readonly stopPollMillis: number;
  /** Time that a worker has to leave in once it is asked, in milliseconds. */
  readonly graceMillis: number;
  /** Kept back of the function's time for leaving, the successor and the records, in milliseconds. */
  readonly lastMillis: number;
}

/** The platform's side of a call. */
export interface FleetInvocation {
  /** This function, as its successor calls it. */
  readonly functionName: string;
  readonly remainingMillis: () => number;
}

/**
 * One try of one worker inside one call of a function. When the call's time runs out the worker leaves
 * as it does before a reclaim, and its successor is called. Safe to repeat.
 */
export async function runFleetCall(
  ports: FleetPorts,
  call: FleetCall,
  invocation: FleetInvocation,
): Promise<FleetEnd['outcome'] | 'duplicate'> {
  const attempt = await takeAttempt(ports, call);
  if (attempt === undefined) return 'duplicate';
  const taken = { ...call, attempt };
  const end = await workUntilEnd(ports, taken, invocation);
  const record = await followEnd(ports, taken, { end, invocation });
  await ports.objectStore.putIfAbsent(fleetKeys.worker(taken, 'ended'), encodeJson(record));
  if (record.outcome !== 'continued') await tellFinisher(ports, call);
  return record.outcome;
}

type Ended =
  | JudgedEnd
  | { readonly outcome: 'stopped'; readonly exitCode: null; readonly reason: string };

async function workUntilEnd(
  ports: FleetPorts,
  call: FleetCall,
  invocation: FleetInvocation,
): Promise<Ended> {
  // After `started` was written: whoever wrote the wish before that sees this worker as started.
  const early = await readStop(ports, call);
  if (early !== undefined) return early;
  const worker = ports.startWorker({
    ...call.environment,
    AWS_BATCH_JOB_ID: `${call.submission}:${call.arrayIndex}`,
    AWS_BATCH_JOB_ARRAY_INDEX: String(call.arrayIndex),
    AWS_BATCH_JOB_ATTEMPT: String(call.attempt),
  });
  const gone = new AbortController();
  const [end, stopped] = await Promise.all([
    worker.ended.finally(() => gone.abort()),
    watchStop(ports, { call, worker, gone: gone.signal }),
    beatOn(ports, call, gone.signal),
    leaveInTime(ports, { worker, invocation, gone: gone.signal }),
  ]);
  // One that was done already when it was asked to leave is done.
  const judged = judgeEnd(end);
  return stopped !== undefined && judged.outcome !== 'succeeded' ? stopped : judged;
}

async function readStop(ports: FleetPorts, { submission }: FleetCall): Promise<Ended | undefined> {
  const stop = await readUndamagedJson(
    ports.objectStore,
    fleetKeys.stop(submission),
    fleetStopSchema,
  );
  return stop && { outcome: 'stopped', exitCode: null, reason: stop.reason };
}

async function watchStop(
  ports: FleetPorts,
  watch: { readonly call: FleetCall; readonly worker: FleetWorker; readonly gone: AbortSignal },
): Promise<Ended | undefined> {
  const { stopPollMillis, graceMillis } = ports.timing;
  while (!watch.gone.aborted) {
    await ports.clock.sleep(stopPollMillis, watch.gone);
    const stop = await readStop(ports, watch.call).catch(() => undefined);
    if (stop === undefined) continue;
    watch.worker.stop(graceMillis);
    return stop;
  }
  return undefined;
}

async function beatOn(ports: FleetPorts, call: FleetCall, gone: AbortSignal): Promise<void> {
  const key = fleetKeys.worker(call, 'beat');
  for (;;) {
    await ports.clock.sleep(FLEET_BEAT_MILLIS, gone);
    if (gone.aborted) return;
    const sign = encodeJson({ atMillis: ports.clock.epochMillis() });
    // A missed beat is made up for by the next one.
    await ports.objectStore.put(key, sign).catch(() => {});
  }
}

async function leaveInTime(
  ports: FleetPorts,
  watch: {
    readonly worker: FleetWorker;
    readonly invocation: FleetInvocation;
    readonly gone: AbortSignal;
  },
): Promise<void> {
  const { lastMillis, graceMillis } = ports.timing;
  const leftMillis = watch.invocation.remainingMillis() - lastMillis;
  await ports.clock.sleep(Math.max(0, leftMillis), watch.gone);
  if (!watch.gone.aborted) watch.worker.stop(graceMillis);
}

async function followEnd(
  ports: FleetPorts,
  call: FleetCall,
  { end, invocation }: { readonly end: Ended; readonly invocation: FleetInvocation },
): Promise<FleetEnd> {
  const { exitCode, reason, outcome } = end;
  if (outcome !== 'again') return { outcome, exitCode, reason };
  if (call.attempt >= MAX_WORKER_ATTEMPTS) return { outcome: 'failed', exitCode, reason };
  // Before the end is written: a crash in between makes Lambda repeat the call, which finds no end.
  await ports.invoker.start(invocation.functionName, { ...call, attempt: call.attempt + 1 });
  return { outcome: 'continued', exitCode, reason };
}

/** So that a job that is over stops what it started elsewhere at once, not at the next schedule. */
async function tellFinisher(ports: FleetPorts, call: FleetCall): Promise<void> {
  const jobId = jobIdOfSubmission(call.submission);
  if (call.finishFunction === undefined || jobId === undefined) return;
  // The schedule comes by anyway.
  await ports.invoker.start(call.finishFunction, { jobId }).catch(() => {});
}
