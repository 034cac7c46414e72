import {
  FLEET_LOST_MILLIS,
  FLEET_WAIT_MILLIS,
  type FleetEnd,
  fleetEndSchema,
  fleetIntentSchema,
  fleetKeys,
  fleetPlaceOf,
  fleetSignSchema,
  fleetStopSchema,
} from '#core/fleet/fleet-records.ts';
import { NEVER_STARTED } from '#core/jobs/retry-rules.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { SubmissionState, WorkerState } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { readUndamagedJson } from '../records/read-json-object.ts';

interface FleetState {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}

const READS_IN_FLIGHT = 16;

/** What its workers left behind about a submission; undefined where there is none of the name. */
export async function describeFleet(
  { objectStore, clock }: FleetState,
  submission: string,
): Promise<SubmissionState | undefined> {
  const intent = await readUndamagedJson(
    objectStore,
    fleetKeys.intent(submission),
    fleetIntentSchema,
  );
  if (intent === undefined) return undefined;
  const tries = await readTries(objectStore, submission);
  const submitted = await objectStore.head(fleetKeys.submitted(submission));
  // Whoever submits may have died before the first call; then nobody will start.
  if (submitted === undefined && tries.size === 0) return undefined;
  const stop = await readUndamagedJson(objectStore, fleetKeys.stop(submission), fleetStopSchema);
  const now = { nowMillis: clock.epochMillis(), waitsSinceMillis: intent.atMillis };
  const indexes = Array.from({ length: intent.workers }, (_, arrayIndex) => arrayIndex);
  const workers = indexes.map((arrayIndex) =>
    workerState(arrayIndex, tries.get(arrayIndex) ?? [], { ...now, stopReason: stop?.reason }),
  );
  return { ...summary(workers, stop?.reason), workers };
}

interface KnownTry {
  readonly attempt: number;
  readonly end: FleetEnd | undefined;
  /** When it was last heard of, milliseconds since 1970. */
  readonly seenMillis: number;
}

/** The tries of each worker, the first one first. */
async function readTries(
  objectStore: ObjectStore,
  submission: string,
): Promise<ReadonlyMap<number, readonly KnownTry[]>> {
  const moments = new Map<string, { arrayIndex: number; attempt: number; latest: string }>();
  for await (const { key } of objectStore.list(fleetKeys.workers(submission))) {
    const place = fleetPlaceOf(key);
    if (place === undefined) continue;
    const name = `${place.arrayIndex}/${place.attempt}`;
    const known = moments.get(name)?.latest;
    // An end says all; a beat is later than the start.
    const isLater = known === undefined || place.moment === 'ended' || known === 'started';
    if (isLater) moments.set(name, { ...place, latest: place.moment });
  }
  const byWorker = new Map<number, KnownTry[]>();
  await mapLimited([...moments.values()], { limit: READS_IN_FLIGHT }, async (moment) => {
    const known = await readTry(objectStore, submission, moment);
    byWorker.set(moment.arrayIndex, [...(byWorker.get(moment.arrayIndex) ?? []), known]);
  });
  for (const tries of byWorker.values()) tries.sort((a, b) => a.attempt - b.attempt);
  return byWorker;
}

async function readTry(
  objectStore: ObjectStore,
  submission: string,
  moment: { readonly arrayIndex: number; readonly attempt: number; readonly latest: string },
): Promise<KnownTry> {
  const { attempt, latest } = moment;
  const place = { submission, ...moment };
  if (latest === 'ended') {
    const key = fleetKeys.worker(place, 'ended');
    const end = await readUndamagedJson(objectStore, key, fleetEndSchema);
    return { attempt, end: end ?? unreadableEnd, seenMillis: 0 };
  }
  const key = fleetKeys.worker(place, latest === 'beat' ? 'beat' : 'started');
  const sign = await readUndamagedJson(objectStore, key, fleetSignSchema);
  return { attempt, end: undefined, seenMillis: sign?.atMillis ?? 0 };
}

const unreadableEnd: FleetEnd = {
  outcome: 'failed',
  exitCode: null,
  reason: 'the record of its end is damaged',
};

function workerState(
  arrayIndex: number,
  tries: readonly KnownTry[],
  at: {
    readonly nowMillis: number;
    readonly waitsSinceMillis: number;
    readonly stopReason: string | undefined;
  },
): WorkerState {
  const attempts = tries.flatMap(({ end }) =>
    end === undefined
      ? []
      : [{ exitCode: end.exitCode ?? undefined, statusReason: end.reason, reason: undefined }],
  );
  const told = (status: WorkerState['status'], statusReason?: string) => ({
    arrayIndex,
    status,
    statusReason,
    attempts,
  });
  const last = tries.at(-1);
  if (last !== undefined && last.end === undefined) {
    if (at.nowMillis - last.seenMillis < FLEET_LOST_MILLIS) return told('RUNNING');
    return told('FAILED', 'the worker fell silent: its function was ended');
  }
  if (last?.end !== undefined && last.end.outcome !== 'continued') {
    const { outcome, reason } = last.end;
    return told(outcome === 'succeeded' ? 'SUCCEEDED' : 'FAILED', reason);
  }
  // It waits for its first call or for its successor's.
  if (at.stopReason !== undefined) return told('FAILED', at.stopReason);
  const hasWaited = at.nowMillis - at.waitsSinceMillis >= waitLimit(tries.length);
  return hasWaited ? told('FAILED', NEVER_STARTED) : told('RUNNABLE');
}

/** Each try before may have run for a quarter of an hour, and have waited before that. */
function waitLimit(tries: number): number {
  return (tries + 1) * (FLEET_WAIT_MILLIS + 900_000);
}

function summary(
  workers: readonly WorkerState[],
  stopReason: string | undefined,
): Omit<SubmissionState, 'workers'> & SubmissionState {
  const has = (status: WorkerState['status']) => workers.some((each) => each.status === status);
  if (has('RUNNING')) return { status: 'running' };
  if (has('RUNNABLE')) {
    const hasStarted = workers.some(({ status, attempts }) => {
      return status !== 'RUNNABLE' || attempts.length > 0;
    });
    return { status: hasStarted ? 'running' : 'queued' };
  }
  const failed = workers.find(({ status }) => status === 'FAILED');
  if (failed === undefined) return { status: 'succeeded' };
  if (stopReason !== undefined) {
    return { status: 'failed', exitCode: undefined, reason: stopReason };
  }
  const { arrayIndex, attempts, statusReason } = failed;
  const reason = `worker ${arrayIndex}, attempt ${attempts.length}: ${statusReason}`;
  return { status: 'failed', exitCode: attempts.at(-1)?.exitCode, reason };
}
