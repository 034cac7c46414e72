import { cellNameOf, jobKeys } from '#core/jobs/job-keys.ts';
import { type Cell, cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import { decodePartFooter, FOOTER_READ_BYTES, type PartFooter } from '#core/jobs/part-format.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** The committed parts of a shard, by the name of their cell. */
export async function listParts(
  objectStore: ObjectStore,
  jobId: string,
  shard: number,
): Promise<Map<string, ObjectHead>> {
  const parts = new Map<string, ObjectHead>();
  for await (const head of objectStore.list(jobKeys.shardParts(jobId, shard))) {
    parts.set(head.key.slice(head.key.lastIndexOf('/') + 1), head);
  }
  return parts;
}

/** Planned cells of a shard that have no part yet, whatever the order in which the others came. */
export async function missingCells(
  objectStore: ObjectStore,
  job: { readonly id: string; readonly plan: JobPlan },
  shard: number,
): Promise<Cell[]> {
  const parts = await listParts(objectStore, job.id, shard);
  return cellsOf(job.plan, shard).filter((cell) => !parts.has(cellNameOf(cell)));
}

/** The `done` records, by their shard. */
export async function listDoneShards(
  objectStore: ObjectStore,
  jobId: string,
): Promise<Map<number, ObjectHead>> {
  const done = new Map<number, ObjectHead>();
  for await (const head of objectStore.list(jobKeys.dones(jobId))) {
    done.set(Number(head.key.slice(head.key.lastIndexOf('/') + 1)), head);
  }
  return done;
}

/** What a part says about itself. Throws `corrupt_object` where it is not whole. */
export async function readPartFooter(
  objectStore: ObjectStore,
  part: ObjectHead,
): Promise<PartFooter> {
  const startByte = Math.max(0, part.sizeBytes - FOOTER_READ_BYTES);
  const tail = await objectStore.read(part.key, {
    range: { startByte, endByte: part.sizeBytes },
    ifMatch: part.etag,
  });
  if (tail === undefined) throw new SwitchyardError('object_not_found', `${part.key} is gone`);
  return decodePartFooter({ tail, sizeBytes: part.sizeBytes, key: part.key });
}
