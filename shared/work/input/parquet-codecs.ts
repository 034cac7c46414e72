import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, snappyUncompress } from 'hyparquet';

/**
 * Decompressors of Parquet pages: snappy from the reader library, the others from Node. LZ4 and LZO
 * have none. Each allocates what the page header announces and no more; other sizes throw.
 */
export const parquetCodecs: Compressors = {
  SNAPPY: (input, outputLength) => {
    // Exactly as long as announced, or it throws.
    const output = new Uint8Array(outputLength);
    if (outputLength > 0) snappyUncompress(input, output);
    return output;
  },
  GZIP: sized((input, maxOutputLength) => gunzipSync(input, { maxOutputLength })),
  ZSTD: sized((input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength })),
  BROTLI: sized((input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength })),
};

/** What a file may be compressed with, for error texts. */
export const parquetCodecNames = 'UNCOMPRESSED, SNAPPY, GZIP, ZSTD or BROTLI';

function sized(decompress: (input: Uint8Array, maxOutputLength: number) => Uint8Array) {
  return (input: Uint8Array, outputLength: number): Uint8Array => {
    // A page of nulls alone has no values; some writers leave its body out altogether.
    if (outputLength === 0) return new Uint8Array(0);
    return decompress(input, outputLength);
  };
}
