import type { ErrorCode } from '#core/error-codes.ts';
import type { ObjectHead, ReadOptions } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { S3Access } from './s3-access.ts';
import { isAbsentObject } from './s3-errors.ts';
import { etagOf } from './s3-version.ts';
import { streamS3Object } from './stream-s3-object.ts';

/** Times that an object may be replaced between two halves of a broken answer. */
const maxStates = 6;

/** Size and version of an object, or undefined where there is none. */
export async function headS3Object(access: S3Access, key: string): Promise<ObjectHead | undefined> {
  const location = access.locate(key);
  const requests = await access.requests();
  try {
    const output = await requests.head(location);
    return { key, sizeBytes: output.ContentLength ?? 0, etag: etagOf(output) };
  } catch (error) {
    if (isAbsentObject(error)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The bytes of an object or of a range of it, or undefined where there is none. Where the object was
 * replaced between two halves of a broken answer, and any version will do, it is read again.
 */
export async function readS3Object(
  access: S3Access,
  key: string,
  options: ReadOptions,
): Promise<Uint8Array | undefined> {
  const states = options.ifMatch === undefined ? maxStates : 1;
  for (let state = 1; ; state++) {
    try {
      return await readOneState(access, key, options);
    } catch (error) {
      if (!hasCode(error, 'object_changed') || state === states) {
        throw error;
      }
    }
  }
}

async function readOneState(
  access: S3Access,
  key: string,
  options: ReadOptions,
): Promise<Uint8Array | undefined> {
  try {
    return await collect(streamS3Object(access, key, options));
  } catch (error) {
    if (hasCode(error, 'object_not_found')) {
      return undefined;
    }
    throw error;
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof SwitchyardError && error.code === code;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
