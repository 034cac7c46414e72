import type { RowShape } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import type { RowPlace } from '#core/formats/output-lines.ts';
import type { RowReading } from '#core/formats/parse-row.ts';
import type { ParsedRow } from '#core/formats/read-row-fields.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { FileGrid, RecordExtent } from '#core/jobs/plan-builder.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';

/** A row of the input: where it stands and what it says. */
export type PlacedRow = RowPlace & { readonly parsed: ParsedRow };

/** What the planning pass saw of a record; a row that cannot be answered says so there and then. */
export interface ScannedRecord extends RecordExtent {
  readonly problem?: RowProblem;
}

export interface RowProblem {
  /** 1-based physical line, in its file. */
  readonly line: number;
  readonly error: Extract<ParsedRow, { readonly ok: false }>['error'];
}

/** What a reader needs from outside. */
export interface InputContext {
  readonly objectStore: ObjectStore;
  readonly limits: Limits;
  readonly file: InputFile;
  /** Columns that the plan found, or null while planning and where the format has none. */
  readonly columns: readonly string[] | null;
  /** What the job says about its rows, and the shape that the plan found. */
  readonly reading?: RowReading;
}

/** Reads one pinned file. Every read says which version it wants; another one is `object_changed`. */
export interface InputReader {
  /** How the file is cut, from the byte sizes of job.json. */
  grid(bytes: {
    readonly cellBytes: number;
    readonly shardBytes: number;
  }): FileGrid | Promise<FileGrid>;
  /** One pass over the whole file, in order, at flat memory. */
  scan(): AsyncIterable<ScannedRecord>;
  /** False where the pass reads no rows, so that telling the bad ones takes reading them. */
  readonly scansRows: boolean;
  /** Columns that the pass found, or null where the format has none. */
  columns(): readonly string[] | null;
  /** What the first row that the pass found looks like, in a format that leaves a choice. */
  shape?(): RowShape | undefined;
  /**
   * The rows of a cell, in order. A shard asks for its cells in ascending order, so a reader that can
   * only go forward keeps its place.
   */
  readRows(cell: Cell): Promise<PlacedRow[]>;
  close(): Promise<void>;
}
