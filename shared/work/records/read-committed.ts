import { type ShardCounts, shardCountsSchema } from '#core/jobs/job-end.ts';
import { cellNameOf } from '#core/jobs/job-keys.ts';
import { cellsOf, type JobPlan, type PlanSummary, storedBytesOf } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { listDoneShards, listParts, readPartFooter } from './job-parts.ts';
import { readUndamagedJson } from './read-json-object.ts';

/** What has been committed of a job: rows by kind, and cells. */
export interface Committed {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly cells: number;
}

type Counts = Omit<Committed, 'total'>;

const nothing: Counts = { completed: 0, failed: 0, cells: 0 };
const READS_IN_FLIGHT = 16;

/**
 * Counts that were read before, by key and version: a part and a `done` record never change, so a
 * caller that asks again and again pays for what is new only.
 */
export class KnownCounts {
  readonly #counts = new Map<string, Counts>();

  async read(
    { key, etag }: ObjectHead,
    count: () => Promise<Counts | undefined>,
  ): Promise<Counts | undefined> {
    const name = `${etag} ${key}`;
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const counted = await count();
    if (counted !== undefined) this.#remember(name, counted);
    return counted;
  }

  #remember(name: string, counts: Counts): void {
    this.#counts.set(name, counts);
    if (this.#counts.size <= KNOWN_COUNTS) return;
    // The oldest: a Map keeps the order of insertion.
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}

/** A few MB at most. */
const KNOWN_COUNTS = 20_000;

/** Progress of a job: one small read per finished shard, one per committed cell of the others. */
export async function readCommitted(
  objectStore: ObjectStore,
  jobId: string,
  plan: PlanSummary | undefined,
  known: KnownCounts = new KnownCounts(),
): Promise<Committed> {
  if (plan === undefined) return { ...nothing, total: 0 };
  const done = await listDoneShards(objectStore, jobId);
  const shards = [...Array(plan.shards).keys()];
  const counts = await mapLimited(shards, { limit: READS_IN_FLIGHT }, async (shard) => {
    const record = done.get(shard);
    const recorded = record && (await known.read(record, () => readDone(objectStore, record)));
    return recorded ?? (await countParts(objectStore, { jobId, shard }, known));
  });
  return { ...counts.reduce(added, nothing), total: plan.rows };
}

function readDone(objectStore: ObjectStore, { key }: ObjectHead): Promise<Counts | undefined> {
  return readUndamagedJson(objectStore, key, shardCountsSchema);
}

async function countParts(
  objectStore: ObjectStore,
  { jobId, shard }: { readonly jobId: string; readonly shard: number },
  known: KnownCounts,
): Promise<Counts> {
  const parts = [...(await listParts(objectStore, jobId, shard)).values()];
  const counts = await mapLimited(parts, { limit: READS_IN_FLIGHT }, (part) =>
    known.read(part, () => countCell(objectStore, part)),
  );
  return counts.reduce<Counts>((sum, each) => added(sum, each ?? nothing), nothing);
}

async function countCell(objectStore: ObjectStore, part: ObjectHead): Promise<Counts | undefined> {
  const footer = await readWholeFooter(objectStore, part);
  return footer && { completed: footer.results.rows, failed: footer.errors.rows, cells: 1 };
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
  const counts = await mapLimited(
    cellsOf(plan, shard),
    { limit: READS_IN_FLIGHT },
    async (cell): Promise<ShardCounts> => {
      const part = parts.get(cellNameOf(cell));
      const count = part && (await countCell(objectStore, part));
      if (count === undefined) return { ...nothing, bytes: 0 };
      return { ...count, bytes: storedBytesOf(cell, plan, job.input.files) };
    },
  );
  return counts.reduce((sum, each) => ({ ...added(sum, each), bytes: sum.bytes + each.bytes }), {
    ...nothing,
    bytes: 0,
  });
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

function added(a: Counts, b: Counts): Counts {
  return {
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cells: a.cells + b.cells,
  };
}
