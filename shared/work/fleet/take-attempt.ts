import type { FleetCall } from '#core/fleet/fleet-call.ts';
import {
  FLEET_STALE_MILLIS,
  type FleetMoment,
  fleetKeys,
  fleetPlaceOf,
  fleetSignSchema,
} from '#core/fleet/fleet-records.ts';
import type { Clock } from '#core/ports/clock.ts';
import { MAX_WORKER_ATTEMPTS } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';

interface AttemptPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}

/**
 * The attempt that this call may run, or undefined where there is nothing for it to do: Lambda delivers
 * a call more than once, and repeats one that failed. A try whose beat stands still is taken over.
 */
export async function takeAttempt(
  ports: AttemptPorts,
  call: FleetCall,
): Promise<number | undefined> {
  const latest = await latestAttempt(ports, call);
  let attempt = call.attempt;
  if (latest !== undefined && latest.attempt >= call.attempt) {
    if (latest.moments.has('ended') || (await isAlive(ports, call, latest))) return undefined;
    attempt = latest.attempt + 1;
  }
  if (attempt > MAX_WORKER_ATTEMPTS) return undefined;
  const key = fleetKeys.worker({ ...call, attempt }, 'started');
  const sign = encodeJson({ atMillis: ports.clock.epochMillis() });
  return (await ports.objectStore.putIfAbsent(key, sign)) ? attempt : undefined;
}

interface KnownAttempt {
  readonly attempt: number;
  readonly moments: Set<string>;
}

async function latestAttempt(
  { objectStore }: AttemptPorts,
  call: FleetCall,
): Promise<KnownAttempt | undefined> {
  const first = fleetKeys.worker({ ...call, attempt: 1 }, 'started');
  const prefix = first.slice(0, first.lastIndexOf('/01/') + 1);
  let latest: KnownAttempt | undefined;
  for await (const { key } of objectStore.list(prefix)) {
    const place = fleetPlaceOf(key);
    if (place === undefined) continue;
    if (latest?.attempt !== place.attempt) latest = { attempt: place.attempt, moments: new Set() };
    latest.moments.add(place.moment);
  }
  return latest;
}

async function isAlive(
  { objectStore, clock }: AttemptPorts,
  call: FleetCall,
  { attempt, moments }: KnownAttempt,
): Promise<boolean> {
  const moment: FleetMoment = moments.has('beat') ? 'beat' : 'started';
  const key = fleetKeys.worker({ ...call, attempt }, moment);
  const sign = await readUndamagedJson(objectStore, key, fleetSignSchema);
  return sign !== undefined && clock.epochMillis() - sign.atMillis < FLEET_STALE_MILLIS;
}
