import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Limits } from '#core/contract/limits.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { isGzip, readFileBytes } from './read-file-bytes.ts';

interface GunzipContext {
  readonly objectStore: ObjectStore;
  readonly limits: Limits;
  readonly file: InputFile;
}

/**
 * The decompressed content of a gzip file, all its members, at flat memory. Throws `corrupt_object`
 * where it is damaged, cut short or followed by something else, `payload_too_large` where it expands
 * like a bomb, `unsupported_format` where it is no gzip at all.
 */
export async function* gunzipFile(context: GunzipContext): AsyncGenerator<Uint8Array> {
  const { objectStore, limits, file } = context;
  if (file.sizeBytes === 0) return;
  if (!(await isGzip(objectStore, file))) {
    const detail = `${file.name} is named .gz but holds no gzip data; rename it without .gz, or compress it`;
    throw new UnusableInput('unsupported_format', detail);
  }
  const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
  // In ranges, not as one stream: a worker that computes for a minute keeps no connection waiting.
  const source = Readable.from(readFileBytes(objectStore, file), { objectMode: false });
  let sourceError: unknown;
  const pumping = pipeline(source, gunzip).catch((error: unknown) => {
    sourceError = error;
  });
  let expandedBytes = 0;
  try {
    for await (const chunk of gunzip) {
      const bytes = chunk as Uint8Array;
      expandedBytes += bytes.length;
      refuseBomb({ file, limits, expandedBytes, readBytes: gunzip.bytesWritten });
      yield bytes;
    }
    await refuseTrailer(context, gunzip);
  } catch (error) {
    throw isZlibError(error) ? damaged(file, error) : error;
  } finally {
    source.destroy();
    gunzip.destroy();
    await pumping;
  }
  if (sourceError instanceof SwitchyardError) throw sourceError;
}

const OUTPUT_CHUNK_BYTES = 65_536;

function refuseBomb(state: {
  readonly file: InputFile;
  readonly limits: Limits;
  readonly expandedBytes: number;
  readonly readBytes: number;
}): void {
  const { file, limits, expandedBytes, readBytes } = state;
  const { expandedFreeBytes, expansionRatio } = limits;
  if (expandedBytes <= expandedFreeBytes || expandedBytes <= readBytes * expansionRatio) return;
  throw new UnusableInput(
    'payload_too_large',
    `${file.name} expands to more than ${expansionRatio} times its size, which is refused beyond ` +
      `${expandedFreeBytes} bytes; upload it uncompressed, or raise the limits expansionRatio and ` +
      'expandedFreeBytes',
  );
}

/** zlib stops without a word at a zero byte after a member; only padding may follow there. */
async function refuseTrailer({ objectStore, file }: GunzipContext, gunzip: Gunzip): Promise<void> {
  const startByte = gunzip.bytesWritten;
  for await (const bytes of readFileBytes(objectStore, file, startByte)) {
    if (bytes.some((byte) => byte !== 0)) {
      throw damaged(file, `after byte ${startByte} it goes on with something that is no gzip data`);
    }
  }
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('Z_');
}

function damaged(file: InputFile, cause: unknown): UnusableInput {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnusableInput(
    'corrupt_object',
    `${file.name} cannot be decompressed to its end (${reason}); compress and upload it again`,
    { cause },
  );
}
