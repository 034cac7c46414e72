import { type ShardCounts, shardCountsSchema } from '#core/jobs/job-end.ts';
import { cellNameOf, jobKeys } from '#core/jobs/job-keys.ts';
import { cellsOf, type JobPlan, storedBytesOf } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { listDoneShards, listParts, readPartFooter } from './job-parts.ts';
import { readUndamagedJson } from './read-json-object.ts';

/** What has been committed of a job: rows by kind, bytes of input, cells. */
export interface Committed extends ShardCounts {
  readonly total: number;
}

const nothing: ShardCounts = { completed: 0, failed: 0, bytes: 0, cells: 0 };
const READS_IN_FLIGHT = 16;

/** Progress of a job: one small read per finished shard, one per committed cell of the others. */
export async function readCommitted(
  objectStore: ObjectStore,
  job: JobRecord,
  plan: JobPlan | undefined,
): Promise<Committed> {
  if (plan === undefined) return { ...nothing, total: 0 };
  const done = await listDoneShards(objectStore, job.id);
  const shards = await mapLimited(plan.shards, { limit: READS_IN_FLIGHT }, async (_, shard) => {
    const recorded = done.has(shard)
      ? await readUndamagedJson(objectStore, jobKeys.done(job.id, shard), shardCountsSchema)
      : undefined;
    return recorded ?? (await countShard(objectStore, { job, plan }, shard));
  });
  return { ...shards.reduce(added, nothing), total: plan.rows };
}

/**
 * Counts the committed cells of one shard from the footers of their parts. A damaged part counts as
 * none: the merger finds it and has its cell done again.
 */
export async function countShard(
  objectStore: ObjectStore,
  work: { readonly job: JobRecord; readonly plan: JobPlan },
  shard: number,
): Promise<ShardCounts> {
  const { job, plan } = work;
  const parts = await listParts(objectStore, job.id, shard);
  const committed = cellsOf(plan, shard).flatMap((cell) => {
    const part = parts.get(cellNameOf(cell));
    return part === undefined ? [] : [{ cell, part }];
  });
  const counts = await mapLimited(committed, { limit: READS_IN_FLIGHT }, async ({ cell, part }) => {
    const bytes = storedBytesOf(cell, plan, job.input.files);
    return await countCell(objectStore, part, bytes);
  });
  return counts.reduce(added, nothing);
}

async function countCell(
  objectStore: ObjectStore,
  part: ObjectHead,
  bytes: number,
): Promise<ShardCounts> {
  const footer = await readWholeFooter(objectStore, part);
  if (footer === undefined) return nothing;
  return { completed: footer.results.rows, failed: footer.errors.rows, bytes, cells: 1 };
}

/** The footer of a part, or undefined where the part is damaged, replaced or gone. */
export async function readWholeFooter(
  objectStore: ObjectStore,
  part: ObjectHead,
): Promise<PartFooter | undefined> {
  try {
    return await readPartFooter(objectStore, part);
  } catch (error) {
    if (error instanceof SwitchyardError && notWhole.has(error.code)) return undefined;
    throw error;
  }
}

const notWhole = new Set(['corrupt_object', 'object_not_found', 'object_changed']);

function added(a: ShardCounts, b: ShardCounts): ShardCounts {
  return {
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    bytes: a.bytes + b.bytes,
    cells: a.cells + b.cells,
  };
}
