import { z } from 'zod';
import { SwitchyardError } from '../switchyard-error.ts';

/**
 * `plan.json`: what one streaming read of the input found. A cell is a stretch of the file that holds
 * whole rows; the cells of all shards, in order, tile the file without gap or overlap, so a worker
 * can read any of them alone and still number its rows.
 */
export const jobPlanSchema = z.strictObject({
  schema: z.literal(1),
  plannedAt: z.string(),
  sizeBytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  lines: z.int().nonnegative(),
  /** Cells of each shard, as tuples: a big input has tens of thousands of them. */
  shards: z.array(z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()]))),
});
export type JobPlan = z.infer<typeof jobPlanSchema>;

/** The unit of commit. */
export interface Cell {
  readonly shard: number;
  readonly startByte: number;
  readonly endByte: number;
  /** 0-based ordinal, in the whole file, of the first row. */
  readonly firstIndex: number;
  /** 1-based physical line, in the whole file, of the first byte. */
  readonly firstLine: number;
  readonly rows: number;
}

/** The cells of one shard, in order. */
export function cellsOf(plan: JobPlan, shard: number): Cell[] {
  const tuples = plan.shards[shard] ?? [];
  return tuples.map(([startByte, endByte, firstIndex, firstLine, rows]) => ({
    shard,
    startByte,
    endByte,
    firstIndex,
    firstLine,
    rows,
  }));
}

/**
 * Builds a plan from the lines of a file, in order. Cell k holds the lines that start in
 * [k · cellBytes, (k + 1) · cellBytes), shard s the cells that start in
 * [s · shardBytes, (s + 1) · shardBytes): a grid over the file, so the same file always gives the
 * same cells.
 */
export class PlanBuilder {
  readonly #cellBytes: number;
  readonly #shardBytes: number;
  readonly #shards: [number, number, number, number, number][][] = [];
  #cell: [number, number, number, number, number] | undefined;
  #rows = 0;
  #lines = 0;

  constructor(grid: { readonly cellBytes: number; readonly shardBytes: number }) {
    this.#cellBytes = grid.cellBytes;
    this.#shardBytes = grid.shardBytes;
  }

  add(line: {
    readonly offset: number;
    readonly sizeBytes: number;
    readonly blank: boolean;
  }): void {
    const cell = this.#cellFor(line.offset);
    cell[1] = line.offset + line.sizeBytes;
    if (!line.blank) {
      cell[4] += 1;
      this.#rows += 1;
    }
    this.#lines += 1;
  }

  finish(input: { readonly plannedAt: string; readonly sizeBytes: number }): JobPlan {
    const endByte = this.#cell?.[1] ?? 0;
    if (endByte !== input.sizeBytes) {
      throw new SwitchyardError(
        'object_changed',
        `the input was read up to byte ${endByte} of ${input.sizeBytes}; submit it again once it is complete`,
      );
    }
    return { schema: 1, ...input, rows: this.#rows, lines: this.#lines, shards: this.#shards };
  }

  #cellFor(offset: number): [number, number, number, number, number] {
    const current = this.#cell;
    if (current !== undefined && this.#sameStep(current[0], offset, this.#cellBytes))
      return current;
    const cell: [number, number, number, number, number] = [
      offset,
      offset,
      this.#rows,
      this.#lines + 1,
      0,
    ];
    const shard = this.#shards.at(-1);
    if (current !== undefined && shard && this.#sameStep(current[0], offset, this.#shardBytes)) {
      shard.push(cell);
    } else {
      this.#shards.push([cell]);
    }
    this.#cell = cell;
    return cell;
  }

  #sameStep(a: number, b: number, stepBytes: number): boolean {
    return Math.floor(a / stepBytes) === Math.floor(b / stepBytes);
  }
}

/**
 * Size of a shard for an input: about 64 of them, so that up to 64 workers share a job, each a
 * multiple of the cell and none smaller than one.
 */
export function shardBytesFor(input: {
  readonly sizeBytes: number;
  readonly cellBytes: number;
}): number {
  const cells = Math.ceil(input.sizeBytes / input.cellBytes);
  return Math.max(1, Math.ceil(cells / SHARDS_PER_JOB)) * input.cellBytes;
}

const SHARDS_PER_JOB = 64;
