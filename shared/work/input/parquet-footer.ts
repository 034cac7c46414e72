import {
  type ColumnChunk,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadata,
} from 'hyparquet';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type ParquetColumn, parquetColumnsOf } from './parquet-columns.ts';

/** What the end of a Parquet file says about the rest of it. */
export interface ParquetFooter {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly RowGroupPlace[];
}

export interface RowGroupPlace {
  /** 0-based ordinal, in the file, of its first row. */
  readonly firstRow: number;
  readonly rows: number;
  /** Where the values of a column at the top of the schema lie. */
  readonly chunks: ReadonlyMap<string, ColumnChunkPlace>;
}

export interface ColumnChunkPlace {
  readonly startByte: number;
  readonly endByte: number;
  /** Decompressed, still encoded: repeated values may count once. */
  readonly uncompressedBytes: number;
  readonly meta: ColumnMetaData;
}

/** A whole range of the file, of the pinned version. */
export type ReadFileRange = (startByte: number, endByte: number) => Promise<Uint8Array>;

export function fileRangeReader(objectStore: ObjectStore, file: InputFile): ReadFileRange {
  return async (startByte, endByte) => {
    const range = { startByte, endByte };
    const bytes = await objectStore.read(file.key, { range, ifMatch: file.etag });
    if (bytes?.length === endByte - startByte) return bytes;
    const detail = `${file.name} has no bytes ${startByte} to ${endByte} any more; submit it again`;
    throw new SwitchyardError('object_changed', detail);
  };
}

/** `corrupt_object` for a file that is no Parquet, is damaged or was cut short. */
export function damagedParquet(file: InputFile, reason: string, cause?: unknown): UnusableInput {
  const detail = `${file.name} is not a readable Parquet file: ${reason}; write and upload it again`;
  return new UnusableInput('corrupt_object', detail, cause === undefined ? {} : { cause });
}

/** The footer is held in memory whole; 64 MiB describe about 500,000 column chunks. */
const FOOTER_LIMIT_BYTES = 64 * 1_048_576;
/** Holds most footers, so that opening a file is one read. */
const TAIL_BYTES = 65_536;
/** Footer length and `PAR1`. */
const TRAILER_BYTES = 8;
const MAGIC = 'PAR1';

/** Reads a file's footer: two small reads at most, whatever the file's size. */
export async function readParquetFooter(
  file: InputFile,
  readRange: ReadFileRange,
): Promise<ParquetFooter> {
  const { sizeBytes } = file;
  if (sizeBytes < MAGIC.length + TRAILER_BYTES) {
    throw damagedParquet(file, `it has only ${sizeBytes} bytes`);
  }
  const tail = await readRange(Math.max(0, sizeBytes - TAIL_BYTES), sizeBytes);
  if (new TextDecoder('latin1').decode(tail.subarray(-MAGIC.length)) !== MAGIC) {
    throw damagedParquet(
      file,
      'it does not end with "PAR1", as after an upload that was cut short',
    );
  }
  const trailer = new DataView(tail.buffer, tail.byteOffset + tail.length - TRAILER_BYTES);
  const footerBytes = trailer.getUint32(0, true) + TRAILER_BYTES;
  if (footerBytes > sizeBytes - MAGIC.length) {
    throw damagedParquet(file, `its footer claims ${footerBytes} bytes of ${sizeBytes}`);
  }
  if (footerBytes > FOOTER_LIMIT_BYTES) {
    const detail = `the footer of ${file.name} has ${footerBytes} bytes; the limit is ${FOOTER_LIMIT_BYTES}: write larger row groups or several files`;
    throw new UnusableInput('payload_too_large', detail);
  }
  const bytes =
    footerBytes <= tail.length ? tail : await readRange(sizeBytes - footerBytes, sizeBytes);
  return parse(file, bytes, sizeBytes - footerBytes);
}

function parse(file: InputFile, bytes: Uint8Array, dataEnd: number): ParquetFooter {
  try {
    return layOut(file, parquetMetadata(bytes, { geoparquet: false }), dataEnd);
  } catch (error) {
    if (error instanceof UnusableInput) throw error;
    throw damagedParquet(file, 'its footer cannot be parsed', error);
  }
}

function layOut(file: InputFile, metadata: FileMetaData, dataEnd: number): ParquetFooter {
  const groups: RowGroupPlace[] = [];
  let firstRow = 0;
  for (const { num_rows, columns } of metadata.row_groups) {
    const rows = Number(num_rows);
    if (!Number.isSafeInteger(rows) || rows < 0) throw damagedParquet(file, 'a row count is wrong');
    groups.push({ firstRow, rows, chunks: chunksOf(file, columns, { rows, dataEnd }) });
    firstRow += rows;
  }
  if (firstRow !== Number(metadata.num_rows)) {
    throw damagedParquet(file, `it claims ${metadata.num_rows} rows, its row groups ${firstRow}`);
  }
  return { rows: firstRow, columns: parquetColumnsOf(metadata.schema), groups };
}

/** The columns without inner structure, by name. */
function chunksOf(
  file: InputFile,
  columns: readonly ColumnChunk[],
  group: { readonly rows: number; readonly dataEnd: number },
): Map<string, ColumnChunkPlace> {
  const chunks = new Map<string, ColumnChunkPlace>();
  for (const { meta_data: meta, file_path: otherFile } of columns) {
    if (otherFile !== undefined || meta === undefined) {
      throw damagedParquet(file, 'it is encrypted or keeps its columns in other files');
    }
    const [name, ...inner] = meta.path_in_schema;
    if (name !== undefined && inner.length === 0) chunks.set(name, placeOf(file, meta, group));
  }
  return chunks;
}

function placeOf(
  file: InputFile,
  meta: ColumnMetaData,
  group: { readonly rows: number; readonly dataEnd: number },
): ColumnChunkPlace {
  // Some writers set the offset of a dictionary that is not there to 0.
  const startByte = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const endByte = startByte + Number(meta.total_compressed_size);
  const uncompressedBytes = Number(meta.total_uncompressed_size);
  const isPlausible =
    Number(meta.num_values) === group.rows &&
    startByte >= MAGIC.length &&
    endByte >= startByte &&
    endByte <= group.dataEnd &&
    uncompressedBytes >= 0;
  if (!isPlausible) throw damagedParquet(file, 'a column lies outside of the file or of its rows');
  return { startByte, endByte, uncompressedBytes, meta };
}
