import { rowFieldsReaderFor } from '#core/formats/read-row-fields.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { FileGrid, RecordExtent } from '#core/jobs/plan-builder.ts';
import type { InputContext, InputReader, PlacedRow } from './input-reader.ts';
import { type ChosenColumns, chooseParquetColumns } from './parquet-columns.ts';
import {
  damagedParquet,
  fileRangeReader,
  type ParquetFooter,
  type ReadFileRange,
  type RowGroupPlace,
  readParquetFooter,
} from './parquet-footer.ts';
import { ColumnPages } from './parquet-pages.ts';
import { parquetRowParser } from './parquet-row.ts';
import { placeRow } from './place-row.ts';

/** Repeated values count once in a file, so its sizes say too little about rows of few bytes. */
const LEAST_ROW_BYTES = 128;

interface OpenFile {
  readonly footer: ParquetFooter;
  readonly chosen: ChosenColumns;
}

interface OpenGroup {
  readonly group: RowGroupPlace;
  readonly columns: readonly ColumnPages[];
}

/**
 * Parquet: a position is the ordinal of a row in the file, and so is an error line's `offset`; its
 * `line` is one more. Cells do not cross row groups; several shards may share one, since pages before
 * a cell are skipped. Per column, a page and its dictionary are in memory.
 */
export class ParquetReader implements InputReader {
  readonly #context: InputContext;
  readonly #readRange: ReadFileRange;
  #file: Promise<OpenFile> | undefined;
  #group: OpenGroup | undefined;
  #cellRows = 1;
  #columns: readonly string[] | null = null;
  /** The pass reads the footer alone. */
  readonly scansRows = false;

  constructor(context: InputContext) {
    this.#context = context;
    this.#readRange = fileRangeReader(context.objectStore, context.file);
  }

  async grid(bytes: {
    readonly cellBytes: number;
    readonly shardBytes: number;
  }): Promise<FileGrid> {
    const { footer, chosen } = await this.#open();
    let readBytes = 0;
    for (const { chunks } of footer.groups) {
      for (const { name } of chosen.read) readBytes += chunks.get(name)?.uncompressedBytes ?? 0;
    }
    const rowBytes = Math.max(LEAST_ROW_BYTES, readBytes / Math.max(1, footer.rows));
    this.#cellRows = Math.max(1, Math.floor(bytes.cellBytes / rowBytes));
    const cellsPerShard = Math.max(1, Math.round(bytes.shardBytes / bytes.cellBytes));
    // Every extent of the pass below is a cell of its own.
    return { cellPositions: 1, shardPositions: this.#cellRows * cellsPerShard };
  }

  async *scan(): AsyncGenerator<RecordExtent> {
    const { footer } = await this.#open();
    for (const { firstRow, rows } of footer.groups) {
      const cells = Math.ceil(rows / this.#cellRows);
      for (let cell = 0; cell < cells; cell++) {
        const startPosition = firstRow + Math.floor((cell * rows) / cells);
        const endPosition = firstRow + Math.floor(((cell + 1) * rows) / cells);
        const size = endPosition - startPosition;
        yield { startPosition, endPosition, rows: size, lines: size };
      }
    }
    this.#columns = footer.columns.map(({ name }) => name);
  }

  columns(): readonly string[] | null {
    return this.#columns;
  }

  async readRows(cell: Cell): Promise<PlacedRow[]> {
    const { file, limits, reading } = this.#context;
    const { footer, chosen } = await this.#open();
    const { group, columns } = this.#openGroup(footer, chosen, cell);
    const from = cell.startPosition - group.firstRow;
    const to = cell.endPosition - group.firstRow;
    if (to > group.rows) throw damagedParquet(file, 'it has other row groups than were planned');
    const values: unknown[][] = [];
    for (const column of columns) values.push(await column.read(from, to));
    const names = chosen.read.map(({ name }) => name);
    const readFields = rowFieldsReaderFor(limits, chosen.text.name, reading?.join);
    const parse = parquetRowParser(names, readFields);
    return Array.from({ length: to - from }, (_, at) => {
      const place = {
        index: cell.firstIndex + at,
        line: cell.firstLine + at,
        offset: cell.startPosition + at,
      };
      return placeRow(place, parse(values.map((column) => column[at])));
    });
  }

  async close(): Promise<void> {
    this.#group = undefined;
  }

  #open(): Promise<OpenFile> {
    this.#file ??= this.#openFile();
    return this.#file;
  }

  async #openFile(): Promise<OpenFile> {
    const { file, reading = {} } = this.#context;
    if (file.compression !== 'none') {
      const detail = `${file.name} is compressed as a whole; Parquet compresses its pages itself: upload it without that`;
      throw new UnusableInput('unsupported_format', detail);
    }
    const footer = await readParquetFooter(file, this.#readRange);
    const options = { ...reading, fileName: file.name };
    return { footer, chosen: chooseParquetColumns(footer.columns, options) };
  }

  /** The row group of a cell; the one that is open where the cell lies further on in it. */
  #openGroup(footer: ParquetFooter, chosen: ChosenColumns, cell: Cell): OpenGroup {
    const { file } = this.#context;
    const group = footer.groups.find(({ firstRow, rows }) => cell.startPosition < firstRow + rows);
    if (group === undefined) throw damagedParquet(file, 'it has fewer rows than were planned');
    const from = cell.startPosition - group.firstRow;
    const standing = this.#group;
    if (standing?.group === group && standing.columns.every(({ position }) => position <= from)) {
      return standing;
    }
    const source = { file, readRange: this.#readRange };
    const columns = chosen.read.map((column) => {
      const chunk = group.chunks.get(column.name);
      if (chunk === undefined) throw damagedParquet(file, 'a row group lacks a column');
      return new ColumnPages(source, column, { rows: group.rows, chunk });
    });
    this.#group = { group, columns };
    return this.#group;
  }
}
