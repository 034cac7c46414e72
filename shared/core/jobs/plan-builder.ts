import type { Cell, JobPlan } from './job-plan.ts';

/** One record of a file, as the planning pass saw it. */
export interface RecordExtent {
  readonly startPosition: number;
  readonly endPosition: number;
  /** 1, or 0 for what is no row: a blank line, a header. */
  readonly rows: number;
  /** Physical lines it spans. */
  readonly lines: number;
}

/** How a file is cut. */
export interface FileGrid {
  /** Unit of commit, in positions of the file. */
  readonly cellPositions: number;
  /** Unit of claim, a multiple of the cell; Infinity where only a sequential reader can get on. */
  readonly shardPositions: number;
  /** Positions up to which a file shares a shard with others; without it shardPositions. */
  readonly sharedPositions?: number;
}

type OpenCell = { -readonly [Field in keyof Omit<Cell, 'shard'>]: Cell[Field] };

/**
 * Builds a plan from the records of the files, in order. Cell k of a file holds the records that start
 * in [k · cellPositions, (k + 1) · cellPositions): a grid (and MAX_CELL_ROWS), so the same file always gives the same
 * cells. A shard holds the cells of one stretch of a file, or those of several small files.
 */
export class PlanBuilder {
  readonly #shards: OpenCell[][] = [];
  readonly #files: JobPlan['files'] = [];
  #grid: FileGrid = { cellPositions: 1, shardPositions: 1 };
  #cell: OpenCell | undefined;
  /** Share of a shard that earlier, small files have filled, 0–1. */
  #filled = 1;
  #rows = 0;
  #lines = 0;
  #positions = 0;
  #rowsBefore = 0;

  startFile(grid: FileGrid): void {
    this.#grid = grid;
    this.#cell = undefined;
    this.#lines = 0;
    this.#positions = 0;
    this.#rowsBefore = this.#rows;
  }

  add(record: RecordExtent): void {
    const cell = this.#cellFor(record.startPosition);
    cell.endPosition = record.endPosition;
    cell.rows += record.rows;
    this.#rows += record.rows;
    this.#lines += record.lines;
    this.#positions = record.endPosition;
  }

  /** Where the records of the current file ended so far. */
  get positions(): number {
    return this.#positions;
  }

  finishFile(columns: readonly string[] | null): void {
    const rows = this.#rows - this.#rowsBefore;
    this.#files.push({
      positions: this.#positions,
      rows,
      columns: columns === null ? null : [...columns],
    });
    // A file that filled a shard of its own leaves no room in it; small ones share.
    const { shardPositions, sharedPositions = shardPositions } = this.#grid;
    const share = this.#positions / sharedPositions;
    this.#filled = share >= 1 || sharedPositions === Infinity ? 1 : this.#filled + share;
  }

  finish(plannedAt: string): JobPlan {
    const shards = this.#shards.map((cells) => cells.map(tupleOf));
    return { schema: 1, plannedAt, rows: this.#rows, files: this.#files, shards };
  }

  #cellFor(position: number): OpenCell {
    const { cellPositions, shardPositions } = this.#grid;
    const current = this.#cell;
    const isRoomy = current !== undefined && current.rows < MAX_CELL_ROWS;
    if (isRoomy && sameStep(current.startPosition, position, cellPositions)) return current;
    const cell: OpenCell = {
      file: this.#files.length,
      startPosition: position,
      endPosition: position,
      firstIndex: this.#rows,
      firstLine: this.#lines + 1,
      rows: 0,
    };
    const continues =
      current === undefined
        ? this.#filled < 1
        : sameStep(current.startPosition, position, shardPositions);
    const shard = this.#shards.at(-1);
    if (continues && shard !== undefined) shard.push(cell);
    else {
      this.#shards.push([cell]);
      this.#filled = 0;
    }
    this.#cell = cell;
    return cell;
  }
}

/**
 * Most rows of a cell: bounds a worker's memory where rows are tiny (one letter a line) or answers are
 * long (a vector of 384 numbers has about 4 KB of JSON).
 */
const MAX_CELL_ROWS = 4_096;

function sameStep(a: number, b: number, step: number): boolean {
  return Math.floor(a / step) === Math.floor(b / step);
}

function tupleOf(cell: OpenCell): JobPlan['shards'][number][number] {
  const { file, startPosition, endPosition, firstIndex, firstLine, rows } = cell;
  return [file, startPosition, endPosition, firstIndex, firstLine, rows];
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
