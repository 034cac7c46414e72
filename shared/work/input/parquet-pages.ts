import { crc32 } from 'node:zlib';
import type { DecodedArray, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import type { ColumnDecoder } from 'hyparquet/src/types.js';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import { parquetCodecNames, parquetCodecs } from './parquet-codecs.ts';
import type { ParquetColumn } from './parquet-columns.ts';
import { decodeDataPage, decodeDictionaryPage } from './parquet-decode.ts';
import { type ColumnChunkPlace, damagedParquet, type ReadFileRange } from './parquet-footer.ts';

/** A value whose bytes are no UTF-8, in a column of strings. */
export const notUtf8 = Symbol('not UTF-8');

/** Largest page, decompressed: it is held in memory whole. DuckDB writes up to 100 MB, others 1 MiB. */
const PAGE_LIMIT_BYTES = 128 * 1_048_576;

/** One ranged read of a column; smaller than a page only where the page is larger. */
const READ_BYTES = 1_048_576;
/** A header holds a few numbers and, at most, a smallest and a largest value. */
const HEADER_BYTES = 65_536;
const HEADER_LIMIT_BYTES = 16 * HEADER_BYTES;

/**
 * Reads the values of one column in one row group, forward only, holding one page (and the column's
 * dictionary) at a time. Pages before the wanted rows are neither fetched whole nor decompressed.
 */
export class ColumnPages {
  readonly #file: InputFile;
  readonly #readRange: ReadFileRange;
  readonly #chunk: ColumnChunkPlace;
  readonly #rows: number;
  readonly #decoder: ColumnDecoder;
  #window: { readonly startByte: number; readonly bytes: Uint8Array };
  #nextByte: number;
  /** Row, within the group, at which the page at `#nextByte` starts. */
  #nextRow = 0;
  #dictionary: DecodedArray | undefined;
  #page: { readonly firstRow: number; readonly values: DecodedArray } = { firstRow: 0, values: [] };

  constructor(
    source: { readonly file: InputFile; readonly readRange: ReadFileRange },
    column: ParquetColumn,
    group: { readonly rows: number; readonly chunk: ColumnChunkPlace },
  ) {
    this.#file = source.file;
    this.#readRange = source.readRange;
    this.#chunk = group.chunk;
    this.#rows = group.rows;
    this.#nextByte = group.chunk.startByte;
    this.#window = { startByte: group.chunk.startByte, bytes: new Uint8Array(0) };
    this.#decoder = decoderFor(column, group.chunk);
    const { codec } = group.chunk.meta;
    if (codec !== 'UNCOMPRESSED' && parquetCodecs[codec] === undefined) {
      const detail = `${this.#file.name} is compressed with ${codec}; write it with ${parquetCodecNames}`;
      throw new UnusableInput('unsupported_format', detail);
    }
  }

  /** First row that can still be read. */
  get position(): number {
    return this.#page.firstRow;
  }

  /** Values of the rows from `from` to `to`, within the group; null where a row has none. */
  async read(from: number, to: number): Promise<unknown[]> {
    const values: unknown[] = [];
    for (let row = from; row < to; ) {
      const { firstRow, values: page } = this.#page;
      if (row < firstRow + page.length) {
        const end = Math.min(to, firstRow + page.length);
        for (; row < end; row++) values.push(page[row - firstRow]);
      } else {
        await this.#nextPage(row);
      }
    }
    return values;
  }

  /** Goes to the next page, over it if it ends before `wantedRow`. */
  async #nextPage(wantedRow: number): Promise<void> {
    const { header, bodyByte } = await this.#readHeader();
    const sizeBytes = header.compressed_page_size;
    if (!isCount(sizeBytes) || bodyByte + sizeBytes > this.#chunk.endByte) {
      throw damagedParquet(this.#file, 'a page ends outside of its column');
    }
    this.#nextByte = bodyByte + sizeBytes;
    if (header.type === 'DICTIONARY_PAGE') {
      const body = await this.#readBody(header, bodyByte);
      this.#dictionary = this.#guarded(() =>
        convert(decodeDictionaryPage(header, body, this.#decoder), this.#decoder),
      );
      return;
    }
    const rows = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_rows;
    // Index pages and kinds yet to be invented hold no rows.
    if (rows === undefined) return;
    const firstRow = this.#nextRow;
    if (!isCount(rows) || firstRow + rows > this.#rows) {
      throw damagedParquet(this.#file, 'a page has more rows than its row group');
    }
    this.#nextRow += rows;
    if (this.#nextRow <= wantedRow) return;
    const body = await this.#readBody(header, bodyByte);
    const column = { decoder: this.#decoder, dictionary: this.#dictionary, rows };
    const data = this.#guarded(() => decodeDataPage(header, body, column));
    if (data?.length !== rows || data.includes(undefined as never)) {
      throw damagedParquet(this.#file, 'a page does not hold the values that it announces');
    }
    this.#page = { firstRow, values: data };
  }

  async #readHeader(): Promise<{ header: PageHeader; bodyByte: number }> {
    const startByte = this.#nextByte;
    for (let room = HEADER_BYTES; ; room *= 4) {
      const endByte = Math.min(this.#chunk.endByte, startByte + room);
      const bytes = await this.#bytes(startByte, endByte);
      const reader = {
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
        offset: 0,
      };
      try {
        return { header: parquetHeader(reader), bodyByte: startByte + reader.offset };
      } catch (error) {
        // Long smallest and largest values can make a header longer than what was read.
        if (endByte === this.#chunk.endByte || room >= HEADER_LIMIT_BYTES) {
          throw damagedParquet(this.#file, 'a page header cannot be parsed', error);
        }
      }
    }
  }

  async #readBody(header: PageHeader, startByte: number): Promise<Uint8Array> {
    const { compressed_page_size: sizeBytes, uncompressed_page_size: pageBytes, crc } = header;
    if (!isCount(pageBytes)) throw damagedParquet(this.#file, 'a page has no size');
    if (Math.max(pageBytes, sizeBytes) > PAGE_LIMIT_BYTES) {
      const detail = `a page of ${this.#file.name} has ${pageBytes} bytes; the limit is ${PAGE_LIMIT_BYTES}: write the file with data pages of about 1 MiB or with smaller row groups`;
      throw new UnusableInput('payload_too_large', detail);
    }
    const body = await this.#pageBytes(startByte, startByte + sizeBytes);
    if (crc !== undefined && (crc32(body) | 0) !== (crc | 0)) {
      throw damagedParquet(this.#file, 'the checksum of a page does not fit');
    }
    return body;
  }

  /** A buffer of its own, so that a damaged length cannot reach into a neighbouring page. */
  async #pageBytes(startByte: number, endByte: number): Promise<Uint8Array> {
    if (endByte - startByte < READ_BYTES)
      return Uint8Array.from(await this.#bytes(startByte, endByte));
    // A large page is read past the window, which would hold it a second time.
    this.#window = { startByte: endByte, bytes: new Uint8Array(0) };
    return await this.#readRange(startByte, endByte);
  }

  #guarded<Result>(decode: () => Result): Result {
    try {
      return decode();
    } catch (error) {
      const reason = error instanceof Error ? error.message : '';
      if (reason.startsWith('parquet unsupported encoding')) {
        const detail = `${this.#file.name} cannot be read: ${reason}; write it with PLAIN, dictionary or DELTA encodings`;
        throw new UnusableInput('unsupported_format', detail, { cause: error });
      }
      throw damagedParquet(this.#file, 'a page cannot be decoded', error);
    }
  }

  /** Bytes of the file, out of the last read where they were part of it. */
  async #bytes(startByte: number, endByte: number): Promise<Uint8Array> {
    const { startByte: windowStart, bytes } = this.#window;
    if (startByte < windowStart || endByte > windowStart + bytes.length) {
      const readEnd = Math.min(this.#chunk.endByte, Math.max(endByte, startByte + READ_BYTES));
      this.#window = { startByte, bytes: await this.#readRange(startByte, readEnd) };
    }
    const offset = startByte - this.#window.startByte;
    return this.#window.bytes.subarray(offset, offset + endByte - startByte);
  }
}

function decoderFor(column: ParquetColumn, { meta }: ColumnChunkPlace): ColumnDecoder {
  const { element, name } = column;
  const leaf = { children: [], count: 1, element, path: [name] };
  const root = {
    children: [leaf],
    count: 2,
    element: { name: 'schema', num_children: 1 },
    path: [],
  };
  return {
    pathInSchema: [name],
    type: meta.type,
    codec: meta.codec,
    element,
    schemaPath: [root, leaf],
    parsers: {
      ...DEFAULT_PARSERS,
      stringFromBytes: textOf,
      jsonFromBytes: textOf,
      geometryFromBytes: unchanged,
      geographyFromBytes: unchanged,
    },
    compressors: parquetCodecs,
  };
}

// ignoreBOM: a byte order mark inside a value belongs to it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array | undefined): string | typeof notUtf8 | undefined {
  if (bytes === undefined) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return notUtf8;
  }
}

/** A damaged header may hold anything in the place of a number. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function unchanged(bytes: Uint8Array): Uint8Array {
  return bytes;
}
