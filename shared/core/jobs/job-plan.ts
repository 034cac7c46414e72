import * as z from 'zod';
import { rowShapeSchema, validationSchema } from '../contract/job.ts';

/**
 * `plan.json`: what one streaming read of the input found. A cell is a stretch of one file that holds
 * whole records; the cells of a file, in order, tile it without gap or overlap, so a worker can read
 * any of them alone and still number its rows.
 *
 * Positions are bytes of the decompressed content; in Parquet they are row ordinals.
 */
export const jobPlanSchema = z.strictObject({
  schema: z.literal(1),
  plannedAt: z.string(),
  rows: z.int().nonnegative(),
  /** What is wrong with the rows, as far as their format and the rules for texts tell. */
  validation: validationSchema.optional(),
  files: z.array(
    z.strictObject({
      /** Where the file ends. */
      positions: z.int().nonnegative(),
      rows: z.int().nonnegative(),
      /** Names of the columns, where the file has a header or a schema. */
      columns: z.array(z.string()).nullable(),
    }),
  ),
  /** What the first JSONL row looked like; missing where there was none. */
  shape: rowShapeSchema.optional(),
  /** Cells of each shard, as tuples: a big input has tens of thousands of them. */
  shards: z.array(z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.int(), z.int()]))),
});
export type JobPlan = z.infer<typeof jobPlanSchema>;

/** `plan-summary.json`, written before the plan: what progress is measured by, in a few bytes. */
export const planSummarySchema = z.strictObject({
  schema: z.literal(1),
  plannedAt: z.string(),
  rows: z.int().nonnegative(),
  cells: z.int().nonnegative(),
  shards: z.int().nonnegative(),
  validation: validationSchema.optional(),
});
export type PlanSummary = z.infer<typeof planSummarySchema>;

export function summarizePlan(plan: JobPlan): PlanSummary {
  const { plannedAt, rows, shards, validation } = plan;
  const cells = shards.reduce((sum, shard) => sum + shard.length, 0);
  const summary: PlanSummary = { schema: 1, plannedAt, rows, cells, shards: shards.length };
  return validation === undefined ? summary : { ...summary, validation };
}

/** The unit of commit. */
export interface Cell {
  readonly shard: number;
  /** Ordinal of its file in the job's input. */
  readonly file: number;
  readonly startPosition: number;
  readonly endPosition: number;
  /** 0-based ordinal, over all files, of the first row. */
  readonly firstIndex: number;
  /** 1-based physical line, in its file, of the first position. */
  readonly firstLine: number;
  readonly rows: number;
}

/** The cells of one shard, in order. */
export function cellsOf(plan: JobPlan, shard: number): Cell[] {
  const tuples = plan.shards[shard] ?? [];
  return tuples.map(([file, startPosition, endPosition, firstIndex, firstLine, rows]) => ({
    shard,
    file,
    startPosition,
    endPosition,
    firstIndex,
    firstLine,
    rows,
  }));
}

/** Share of its file that a cell stands for, in bytes as stored; for progress only. */
export function storedBytesOf(
  cell: Cell,
  plan: JobPlan,
  files: readonly { readonly sizeBytes: number }[],
): number {
  const positions = plan.files[cell.file]?.positions ?? 0;
  const sizeBytes = files[cell.file]?.sizeBytes ?? 0;
  if (positions === 0) return 0;
  const upTo = (position: number) => Math.round((position / positions) * sizeBytes);
  return upTo(cell.endPosition) - upTo(cell.startPosition);
}
