import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Byte of a gzip header that names the operating system, and its value for "unknown". */
const SYSTEM_BYTE = 9;
const UNKNOWN_SYSTEM = 255;

/** One gzip member without a time, a name or a system, so that the same content gives the same bytes. */
export async function* encodeGzip(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: 6 });
  const source = Readable.from(content, { objectMode: false });
  // Its failure destroys gzip, which then throws below.
  const pumping = pipeline(source, gzip).catch(() => {});
  let position = 0;
  try {
    for await (const chunk of gzip) {
      const bytes = Uint8Array.from(chunk as Uint8Array);
      const at = SYSTEM_BYTE - position;
      if (at >= 0 && at < bytes.length) bytes[at] = UNKNOWN_SYSTEM;
      position += bytes.length;
      yield bytes;
    }
  } finally {
    source.destroy();
    gzip.destroy();
    await pumping;
  }
}
