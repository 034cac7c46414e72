import { cellNameOf } from '#core/jobs/job-keys.ts';
import { type Cell, cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { pinnedSha256s } from '#core/jobs/mixed-job.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { listParts } from '../records/job-parts.ts';
import { readWholeFooter } from '../records/read-committed.ts';

/** A committed cell, as its part describes it. */
export interface CheckedPart {
  readonly cell: Cell;
  readonly key: string;
  readonly footer: PartFooter;
}

/** S3 answers a read in tens of milliseconds; 16 at a time hide that without flooding it. */
const READS_IN_FLIGHT = 16;

/**
 * Finds the part of every planned cell. `damaged` are the cells whose part is missing or not whole:
 * doing them again cures that. Throws `corrupt_object` for a whole part of another cell or model,
 * which nothing cures.
 */
export async function checkParts(
  objectStore: ObjectStore,
  job: JobRecord,
  plan: JobPlan,
): Promise<{ readonly parts: readonly CheckedPart[]; readonly damaged: readonly Cell[] }> {
  const shards = await mapLimited(plan.shards, { limit: READS_IN_FLIGHT }, async (_, shard) => {
    const heads = await listParts(objectStore, job.id, shard);
    return cellsOf(plan, shard).map((cell) => ({ cell, head: heads.get(cellNameOf(cell)) }));
  });
  const checked = await mapLimited(
    shards.flat(),
    { limit: READS_IN_FLIGHT },
    async ({ cell, head }) => ({
      cell,
      part: head === undefined ? undefined : await checkPart(objectStore, { job, cell, head }),
    }),
  );
  return {
    parts: checked.flatMap(({ part }) => part ?? []),
    damaged: checked.flatMap(({ cell, part }) => (part === undefined ? cell : [])),
  };
}

async function checkPart(
  objectStore: ObjectStore,
  place: { readonly job: JobRecord; readonly cell: Cell; readonly head: ObjectHead },
): Promise<CheckedPart | undefined> {
  const { job, cell, head } = place;
  const footer = await readWholeFooter(objectStore, head);
  if (footer === undefined) return undefined;
  const fits =
    footer.file === cell.file &&
    footer.startPosition === cell.startPosition &&
    footer.endPosition === cell.endPosition &&
    footer.firstIndex === cell.firstIndex &&
    footer.results.rows + footer.errors.rows === cell.rows &&
    pinnedSha256s(job).includes(footer.modelSha256);
  if (fits) return { cell, key: head.key, footer };
  throw new SwitchyardError(
    'corrupt_object',
    `the parts do not tile the input: ${head.key} is of another cell or model`,
  );
}
