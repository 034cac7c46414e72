import { cellNameOf, jobKeys } from '#core/jobs/job-keys.ts';
import { cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectSegment, ObjectStore } from '#core/ports/object-store.ts';
import type { CheckedPart } from '../finish/check-parts.ts';
import { type PartSection, segmentOf } from '../finish/join-parts.ts';
import { listParts } from '../records/job-parts.ts';
import { readWholeFooter } from '../records/read-committed.ts';
import { readPlan } from '../worker/plan-job.ts';

const READS_IN_FLIGHT = 16;

/** Lines as they are, or the object that holds them where they are too many for one answer. */
export type PartialLines =
  | { readonly kind: 'lines'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly key: string; readonly sizeBytes: number };

/**
 * The committed lines of a job that is not complete, in input order. Of a running job those before
 * the first gap, so that what was read once only ever grows at its end; of one that has stopped
 * (`skipsGaps`) all of them.
 */
export async function readPartialLines(
  objectStore: ObjectStore,
  job: JobHead,
  wanted: {
    readonly section: PartSection;
    readonly skipsGaps: boolean;
    /** More than this becomes an object. */
    readonly maxBytes: number;
  },
): Promise<PartialLines> {
  const plan = await readPlan(objectStore, job.id);
  const parts =
    plan === undefined ? [] : await committedParts(objectStore, { job, plan }, wanted.skipsGaps);
  const { section } = wanted;
  const filled = parts.filter(({ footer }) => footer[section].sizeBytes > 0);
  const segments = filled.map((part) => segmentOf(part, section));
  const sizeBytes = filled.reduce((sum, { footer }) => sum + footer[section].sizeBytes, 0);
  if (sizeBytes <= wanted.maxBytes) {
    return { kind: 'lines', bytes: await readSegments(objectStore, segments, sizeBytes) };
  }
  // Parts never change, so their number and size name what is joined of them.
  const key = jobKeys.partial(job.id, `${section}-${parts.length}-${sizeBytes}`);
  await objectStore.concatenateIfAbsent(key, segments);
  return { kind: 'object', key, sizeBytes };
}

async function committedParts(
  objectStore: ObjectStore,
  { job, plan }: { readonly job: JobHead; readonly plan: JobPlan },
  skipsGaps: boolean,
): Promise<CheckedPart[]> {
  const parts: CheckedPart[] = [];
  for (const shard of plan.shards.keys()) {
    const heads = await listParts(objectStore, job.id, shard);
    const cells = cellsOf(plan, shard);
    const found = await mapLimited(cells, { limit: READS_IN_FLIGHT }, async (cell) => {
      const head = heads.get(cellNameOf(cell));
      const footer = head && (await readWholeFooter(objectStore, head));
      return head && footer && { cell, key: head.key, footer };
    });
    for (const part of found) {
      if (part !== undefined) parts.push(part);
      else if (!skipsGaps) return parts;
    }
  }
  return parts;
}

async function readSegments(
  objectStore: ObjectStore,
  segments: readonly ObjectSegment[],
  sizeBytes: number,
): Promise<Uint8Array> {
  const chunks = await mapLimited(segments, { limit: READS_IN_FLIGHT }, async ({ key, range }) => {
    return await objectStore.read(key, range === undefined ? {} : { range });
  });
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk ?? new Uint8Array(0), at);
    at += chunk?.length ?? 0;
  }
  return bytes.subarray(0, at);
}
