import { cellNameOf, jobKeys, shardUnit } from '#core/jobs/job-keys.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson } from '../records/read-json-object.ts';

/** A disk that damages everything would keep the workers busy for ever. */
const MAX_REPAIR_ROUNDS = 3;

/**
 * Makes damaged cells missing ones: removes their parts, their shards' `done` records and the claims
 * that would keep workers off. False, and nothing removed, once that happened three times.
 */
export async function repairParts(
  ports: { readonly objectStore: ObjectStore; readonly clock: Clock },
  jobId: string,
  damaged: readonly Cell[],
): Promise<boolean> {
  const { objectStore } = ports;
  let rounds = 0;
  for await (const _ of objectStore.list(jobKeys.repairs(jobId))) rounds += 1;
  if (rounds >= MAX_REPAIR_ROUNDS) return false;
  const at = new Date(ports.clock.epochMillis()).toISOString();
  const record = { at, cells: damaged.map(cellNameOf) };
  await objectStore.putIfAbsent(jobKeys.repair(jobId, rounds + 1), encodeJson(record));
  for (const shard of new Set(damaged.map((cell) => cell.shard))) {
    // Before the parts: a shard that looks done while a part is missing is found by the next merger.
    await objectStore.delete(jobKeys.done(jobId, shard));
    await removeClaims(objectStore, jobId, shard);
  }
  for (const cell of damaged) await objectStore.delete(jobKeys.part(jobId, cell));
  return true;
}

/** The last owner finished the shard without letting go, since nobody was to claim it again. */
async function removeClaims(objectStore: ObjectStore, jobId: string, shard: number): Promise<void> {
  const keys: string[] = [];
  const prefix = jobKeys.claims(jobId, shardUnit(shard));
  for await (const { key } of objectStore.list(prefix)) keys.push(key);
  for (const key of keys) await objectStore.delete(key);
}
