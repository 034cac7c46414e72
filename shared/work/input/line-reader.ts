import { rowParserFor } from '#core/formats/parse-row.ts';
import { splitLines } from '#core/formats/split-lines.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { FileGrid, RecordExtent } from '#core/jobs/plan-builder.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { contentStream } from './content-stream.ts';
import type { InputContext, InputReader, PlacedRow } from './input-reader.ts';

/** JSONL and plain lines: a record is a physical line. */
export class LineReader implements InputReader {
  readonly #context: InputContext;

  constructor(context: InputContext) {
    this.#context = context;
  }

  grid({ cellBytes, shardBytes }: { cellBytes: number; shardBytes: number }): FileGrid {
    const isSequential = this.#context.file.compression !== 'none';
    return { cellPositions: cellBytes, shardPositions: isSequential ? Infinity : shardBytes };
  }

  async *scan(): AsyncGenerator<RecordExtent> {
    let read = 0;
    for await (const { offset, sizeBytes, blank } of this.#lines(0, Infinity)) {
      read = offset + sizeBytes;
      yield { startPosition: offset, endPosition: read, rows: blank ? 0 : 1, lines: 1 };
    }
    const { file } = this.#context;
    if (file.compression === 'none' && read !== file.sizeBytes) {
      const detail = `${file.name} ended at byte ${read} of ${file.sizeBytes}; submit it again once it is complete`;
      throw new SwitchyardError('object_changed', detail);
    }
  }

  columns(): null {
    return null;
  }

  async readRows(cell: Cell): Promise<PlacedRow[]> {
    const { file, limits } = this.#context;
    const parse = rowParserFor(file.format, limits);
    const rows: PlacedRow[] = [];
    let line = cell.firstLine;
    for await (const physical of this.#lines(cell.startPosition, cell.endPosition)) {
      if (!physical.blank) {
        const parsed = parse(physical);
        const id = parsed.id === undefined ? {} : { id: parsed.id };
        const index = cell.firstIndex + rows.length;
        rows.push({ index, line, offset: physical.offset, ...id, parsed });
      }
      line += 1;
    }
    return rows;
  }

  async close(): Promise<void> {}

  #lines(startPosition: number, endPosition: number) {
    const { objectStore, file, limits } = this.#context;
    const chunks = contentStream(objectStore, file, { startPosition, endPosition });
    return splitLines(chunks, { startByte: startPosition, lineBytes: limits.lineBytes });
  }
}
