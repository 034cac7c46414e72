import type { RowOptions } from '#core/contract/job.ts';
import { chooseTextColumn } from '#core/formats/choose-text-column.ts';
import { decodeUtf8, guarded } from '#core/formats/parse-row.ts';
import {
  invalidRow,
  type ParsedRow,
  type RowFields,
  rowFieldsReaderFor,
} from '#core/formats/read-row-fields.ts';
import { type CsvRecord, splitCsv } from '#core/formats/split-csv.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { FileGrid } from '#core/jobs/plan-builder.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { FileContent } from './file-content.ts';
import type { InputContext, InputReader, PlacedRow, ScannedRecord } from './input-reader.ts';
import { type CsvFields, parseCsvRecords } from './parse-csv-records.ts';
import { placeRow } from './place-row.ts';
import { textGrid } from './text-grid.ts';

/** CSV and TSV with a header: a record may span physical lines. */
export class CsvReader implements InputReader {
  readonly #context: InputContext;
  readonly #reading: RowOptions;
  readonly #delimiter: string;
  readonly #content: FileContent;
  #columns: readonly string[] | null = null;
  readonly scansRows = true;

  constructor(context: InputContext, defaultDelimiter: ',' | '\t') {
    this.#context = context;
    this.#reading = context.reading ?? {};
    this.#delimiter = this.#reading.delimiter ?? defaultDelimiter;
    this.#content = new FileContent(context);
  }

  grid(bytes: { readonly cellBytes: number; readonly shardBytes: number }): FileGrid {
    return textGrid(this.#context.file, bytes);
  }

  async *scan(): AsyncGenerator<ScannedRecord> {
    let head = { startPosition: 0, endPosition: 0, rows: 0, lines: 0 };
    let group: LinedRecord[] = [];
    let line = 1;
    for await (const record of this.#records(this.#content.whole(), 0)) {
      const { offset, sizeBytes, blank, lines } = record;
      if (this.#columns !== null) {
        group.push({ record, line });
        line += lines;
        if (!isFull(group)) continue;
        yield* this.#scanned(group, this.#columns);
        group = [];
        continue;
      }
      // One extent up to the header's end, so that whoever reads the first cell finds it there.
      head = { ...head, endPosition: offset + sizeBytes, lines: head.lines + lines };
      line += lines;
      if (blank) continue;
      this.#columns = this.#readHeader(record, head.lines - lines + 1);
      yield head;
    }
    if (this.#columns !== null) yield* this.#scanned(group, this.#columns);
    else if (head.endPosition > 0) yield head;
  }

  /** Some records at a time: parsing them in one call is three times as fast. */
  *#scanned(group: readonly LinedRecord[], columns: readonly string[]): Generator<ScannedRecord> {
    const parsedRows = this.#parseAll(
      group.filter(({ record }) => !record.blank),
      columns,
    );
    let row = 0;
    for (const { record, line } of group) {
      const { offset, sizeBytes, blank, lines } = record;
      const extent = { startPosition: offset, endPosition: offset + sizeBytes, lines };
      const parsed = blank ? undefined : parsedRows[row++];
      const problem = parsed?.ok === false ? { problem: { line, error: parsed.error } } : {};
      yield { ...extent, rows: blank ? 0 : 1, ...problem };
    }
  }

  #parseAll(rows: readonly LinedRecord[], columns: readonly string[]): ParsedRow[] {
    const read = this.#rowReader(columns);
    const texts = rows.map(({ record }) => textOf(record));
    const fields = parseCsvRecords(texts, this.#delimiter);
    return rows.map((row, at) => this.#parse(row, fields[at], read));
  }

  columns(): readonly string[] | null {
    return this.#columns;
  }

  async readRows(cell: Cell): Promise<PlacedRow[]> {
    const { columns } = this.#context;
    if (columns === null) return [];
    const records: LinedRecord[] = [];
    let line = cell.firstLine;
    let isHeaderNext = cell.startPosition === 0;
    const chunks = this.#content.range(cell.startPosition, cell.endPosition);
    for await (const record of this.#records(chunks, cell.startPosition)) {
      if (!record.blank) {
        if (!isHeaderNext) records.push({ record, line });
        isHeaderNext = false;
      }
      line += record.lines;
    }
    const parsed = this.#parseAll(records, columns);
    return records.flatMap((row, at) => {
      const own = parsed[at];
      if (own === undefined) return [];
      const index = cell.firstIndex + at;
      return placeRow({ index, line: row.line, offset: row.record.offset }, own);
    });
  }

  async close(): Promise<void> {
    await this.#content.close();
  }

  #records(chunks: AsyncIterable<Uint8Array>, startByte: number) {
    const { lineBytes } = this.#context.limits;
    return splitCsv(chunks, { startByte, lineBytes, delimiter: this.#delimiter });
  }

  #readHeader(record: CsvRecord, line: number): readonly string[] {
    const text = record.openQuoteLine === undefined ? textOf(record) : undefined;
    const [fields] = parseCsvRecords([text], this.#delimiter);
    if (fields === undefined || !fields.ok) {
      const why = fields === undefined ? 'too long, not UTF-8 or not closed' : fields.reason;
      throw new UnusableInput(
        'invalid_request',
        `${this.#context.file.name}: line ${line} should be the header but cannot be read: ${why}`,
      );
    }
    chooseTextColumn(fields.fields, this.#columnOptions());
    return fields.fields;
  }

  #columnOptions() {
    return { ...this.#reading, delimiter: this.#delimiter, fileName: this.#context.file.name };
  }

  #rowReader(columns: readonly string[]): (fields: readonly string[]) => ParsedRow {
    const textColumn = chooseTextColumn(columns, this.#columnOptions());
    const read = rowFieldsReaderFor(this.#context.limits, textColumn, this.#reading.join);
    return (fields) => {
      if (fields.length === columns.length) return read(namedFields(columns, fields));
      const detail = `the row has ${fields.length} fields, the header ${columns.length}; quote fields that hold the delimiter`;
      return invalidRow(detail);
    };
  }

  #parse(
    { record, line }: LinedRecord,
    fields: CsvFields | undefined,
    read: (fields: readonly string[]) => ParsedRow,
  ): ParsedRow {
    if (record.openQuoteLine !== undefined) {
      const opened = line + record.openQuoteLine;
      return invalidRow(
        `a quote that opens on line ${opened} is never closed: the rest of the file, ${record.sizeBytes} bytes, is this row; close it`,
      );
    }
    return guarded(record, this.#context.limits, (content) => {
      // Not decoded before, so this throws the reason.
      if (fields === undefined) decodeUtf8(content);
      if (fields === undefined) return invalidRow('the row cannot be read');
      return fields.ok ? read(fields.fields) : invalidRow(fields.reason);
    });
  }
}

/** A record and the physical line on which it starts. */
interface LinedRecord {
  readonly record: CsvRecord;
  readonly line: number;
}

/** Bounds what the pass holds: a record may have up to the limit of a line. */
function isFull(group: readonly LinedRecord[]): boolean {
  const last = group.at(-1)?.record;
  const first = group[0]?.record;
  if (last === undefined || first === undefined) return false;
  return group.length >= 256 || last.offset + last.sizeBytes - first.offset >= 262_144;
}

/** The text of a whole record; undefined where it has none, which its row then says. */
function textOf({ content }: CsvRecord): string | undefined {
  if (content === undefined) return undefined;
  try {
    return decodeUtf8(content);
  } catch (error) {
    if (error instanceof SwitchyardError) return undefined;
    throw error;
  }
}

/** An empty cell is no id. */
function namedFields(columns: readonly string[], fields: readonly string[]): RowFields {
  const named = new Map<string, string>();
  for (const [at, column] of columns.entries()) {
    const value = fields[at] ?? '';
    const isNoId = value === '' && (column === 'id' || column === 'custom_id');
    if (!isNoId) named.set(column, value);
  }
  return named;
}
