import type { RowShape } from '#core/contract/job.ts';
import { parseJson } from '#core/contract/parse-json.ts';
import { shapeOf } from '#core/formats/parse-openai-row.ts';
import { type LineFormat, type RowParser, rowParserFor } from '#core/formats/parse-row.ts';
import type { ParsedRow } from '#core/formats/read-row-fields.ts';
import { type Line, splitLines } from '#core/formats/split-lines.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { FileGrid } from '#core/jobs/plan-builder.ts';
import { FileContent } from './file-content.ts';
import type { InputContext, InputReader, PlacedRow, ScannedRecord } from './input-reader.ts';
import { placeRow } from './place-row.ts';
import { textGrid } from './text-grid.ts';

/** JSONL and plain lines: a record is a physical line. */
export class LineReader implements InputReader {
  readonly #context: InputContext;
  readonly #format: LineFormat;
  readonly #content: FileContent;
  #shape: RowShape | undefined;
  #parse: RowParser | undefined;
  readonly scansRows = true;

  constructor(context: InputContext, format: LineFormat) {
    this.#context = context;
    this.#format = format;
    this.#content = new FileContent(context);
  }

  grid(bytes: { readonly cellBytes: number; readonly shardBytes: number }): FileGrid {
    return textGrid(this.#context.file, bytes);
  }

  async *scan(): AsyncGenerator<ScannedRecord> {
    let line = 0;
    for await (const physical of this.#lines(this.#content.whole(), 0)) {
      line += 1;
      const { offset, sizeBytes, blank } = physical;
      const extent = { startPosition: offset, endPosition: offset + sizeBytes, lines: 1 };
      if (blank) {
        yield { ...extent, rows: 0 };
        continue;
      }
      const parsed = this.#scanned(physical);
      yield {
        ...extent,
        rows: 1,
        ...(parsed.ok ? {} : { problem: { line, error: parsed.error } }),
      };
    }
  }

  /** Reads a row as {@link readRows} will, with the shape that the first row of the job has. */
  #scanned(row: Line): ParsedRow {
    this.#shape ??= this.#shapeOf(row);
    const { limits, reading = {} } = this.#context;
    this.#parse ??= rowParserFor(this.#format, limits, { shape: this.#shape, ...reading });
    return this.#parse(row);
  }

  columns(): null {
    return null;
  }

  shape(): RowShape | undefined {
    return this.#format === 'jsonl' ? this.#shape : undefined;
  }

  async readRows(cell: Cell): Promise<PlacedRow[]> {
    const { limits, reading } = this.#context;
    const parse = rowParserFor(this.#format, limits, reading);
    const rows: PlacedRow[] = [];
    let line = cell.firstLine;
    const chunks = this.#content.range(cell.startPosition, cell.endPosition);
    for await (const physical of this.#lines(chunks, cell.startPosition)) {
      if (!physical.blank) {
        const index = cell.firstIndex + rows.length;
        rows.push(placeRow({ index, line, offset: physical.offset }, parse(physical)));
      }
      line += 1;
    }
    return rows;
  }

  async close(): Promise<void> {
    await this.#content.close();
  }

  #lines(chunks: AsyncIterable<Uint8Array>, startByte: number) {
    return splitLines(chunks, { startByte, lineBytes: this.#context.limits.lineBytes });
  }

  #shapeOf(line: Line): RowShape {
    if (line.content === undefined) return 'plain';
    try {
      return shapeOf(parseJson(line.content, this.#context.limits));
    } catch {
      // The row's own error is recorded when it is read.
      return 'plain';
    }
  }
}
