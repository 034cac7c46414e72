import type { DecodedArray, PageHeader } from 'hyparquet';
import { readPage } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { ColumnDecoder } from 'hyparquet/src/types.js';

/**
 * The values of a data page of a flat column, or undefined where it cannot hold `rows` of them. The
 * library trusts the counts in a page; a wrong one would fill gigabytes, so they are checked first.
 */
export function decodeDataPage(
  header: PageHeader,
  body: Uint8Array,
  column: {
    readonly decoder: ColumnDecoder;
    readonly dictionary: DecodedArray | undefined;
    readonly rows: number;
  },
): DecodedArray | undefined {
  const { decoder, dictionary, rows } = column;
  const page = decompressed(header, body, decoder);
  if (!holdsNoLongRun(page, decoder, rows)) return undefined;
  const plain = { ...decoder, codec: 'UNCOMPRESSED' as const };
  const reader = { view: viewOf(page.bytes), offset: 0 };
  return readPage(reader, page.header, plain, dictionary, undefined, 0).data;
}

/** The values of a dictionary page, not yet converted. */
export function decodeDictionaryPage(
  header: PageHeader,
  body: Uint8Array,
  decoder: ColumnDecoder,
): DecodedArray {
  const reader = { view: viewOf(body), offset: 0 };
  return readPage(reader, header, decoder, undefined, undefined, 0).data ?? [];
}

/** A page without compression, and the header that it would have then. */
interface PlainPage {
  readonly header: PageHeader;
  readonly bytes: Uint8Array;
  /** Where the levels are, which say what is null; in format 1 their length comes first. */
  readonly levels: { readonly startByte: number; readonly endByte: number };
}

function decompressed(header: PageHeader, body: Uint8Array, decoder: ColumnDecoder): PlainPage {
  const { codec, compressors, element } = decoder;
  const { data_page_header_v2: v2, uncompressed_page_size: pageBytes } = header;
  if (v2 === undefined) {
    const bytes = decompressPage(body, pageBytes, codec, compressors);
    const endByte =
      element.repetition_type === 'REQUIRED' ? 0 : 4 + viewOf(bytes).getUint32(0, true);
    const levels = { startByte: Math.min(4, endByte), endByte };
    return { header: { ...header, compressed_page_size: bytes.length }, bytes, levels };
  }
  const startByte = v2.repetition_levels_byte_length;
  const endByte = startByte + v2.definition_levels_byte_length;
  const rest = body.subarray(endByte);
  const isCompressed = v2.is_compressed !== false;
  const values = isCompressed
    ? decompressPage(rest, pageBytes - endByte, codec, compressors)
    : rest;
  const bytes = Buffer.concat([body.subarray(0, endByte), values]);
  const plain = { ...v2, is_compressed: false };
  const sizes = { compressed_page_size: bytes.length, uncompressed_page_size: bytes.length };
  const levels = { startByte, endByte };
  return { header: { ...header, ...sizes, data_page_header_v2: plain }, bytes, levels };
}

function holdsNoLongRun(
  { header, bytes, levels }: PlainPage,
  decoder: ColumnDecoder,
  rows: number,
) {
  const view = viewOf(bytes);
  const { data_page_header_v2: v2 } = header;
  const hasCounts =
    v2 === undefined || (v2.num_values === rows && v2.num_nulls >= 0 && v2.num_nulls <= rows);
  const { startByte, endByte } = levels;
  if (!hasCounts || !runsFit(view, { startByte, endByte, bitWidth: 1, rows })) return false;
  const encoding = (v2 ?? header.data_page_header)?.encoding;
  const isBoolean = decoder.type === 'BOOLEAN';
  if (encoding === 'RLE' && isBoolean) {
    return runsFit(view, { startByte: endByte + 4, endByte: bytes.length, bitWidth: 1, rows });
  }
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY') return true;
  const bitWidth = bytes[endByte] ?? 0;
  return runsFit(view, { startByte: endByte + 1, endByte: bytes.length, bitWidth, rows });
}

/**
 * Whether no run of a run-length encoded stretch is longer than the page has rows. What ends too early
 * is left to the library, which notices.
 */
function runsFit(
  view: DataView,
  stretch: {
    readonly startByte: number;
    readonly endByte: number;
    readonly bitWidth: number;
    readonly rows: number;
  },
): boolean {
  const { bitWidth, rows } = stretch;
  const endByte = Math.min(stretch.endByte, view.byteLength);
  let at = stretch.startByte;
  for (let seen = 0; seen < rows && at < endByte; ) {
    const header = readVarint(view, at);
    const isPacked = header.value % 2 === 1;
    const values = Math.floor(header.value / 2) * (isPacked ? 8 : 1);
    // Packed runs are filled up to eight values, by some writers to more.
    if (values > rows + (isPacked ? PACKED_SLACK : 0)) return false;
    at = header.endByte + (isPacked ? (values / 8) * bitWidth : Math.ceil(bitWidth / 8));
    seen += values;
  }
  return true;
}

/** Seven bits a byte, lowest first, while the eighth is set. */
function readVarint(view: DataView, startByte: number) {
  let value = 0;
  let at = startByte;
  for (let byte = 0x80, shift = 0; byte >= 0x80 && at < view.byteLength; shift += 7) {
    byte = view.getUint8(at++);
    value += (byte & 0x7f) * 2 ** shift;
  }
  return { value, endByte: at };
}

const PACKED_SLACK = 512;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
