import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * The content of a file from a position on, decompressed. A gzip file is read from its start and
 * skipped: it has no other way in. Throws `object_changed` for another version than the pinned one
 * and `corrupt_object` for a gzip that is damaged or cut short.
 */
export async function* contentStream(
  objectStore: ObjectStore,
  file: InputFile,
  range: { readonly startPosition: number; readonly endPosition: number },
): AsyncGenerator<Uint8Array> {
  const { startPosition: startByte, endPosition: endByte } = range;
  if (file.compression === 'none') {
    yield* objectStore.stream(file.key, { range: { startByte, endByte }, ifMatch: file.etag });
    return;
  }
  let position = 0;
  for await (const chunk of gunzipped(objectStore, file)) {
    const from = Math.max(0, startByte - position);
    const to = Math.min(chunk.length, endByte - position);
    position += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (position >= endByte) return;
  }
}

async function* gunzipped(objectStore: ObjectStore, file: InputFile): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const source = Readable.from(objectStore.stream(file.key, { ifMatch: file.etag }), {
    objectMode: false,
  });
  // Its failure destroys gunzip, which then throws below.
  const pumping = pipeline(source, gunzip).catch(() => {});
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof SwitchyardError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SwitchyardError(
      'corrupt_object',
      `${file.name} cannot be decompressed (${reason}); compress and upload it again`,
      { cause: error },
    );
  } finally {
    source.destroy();
    gunzip.destroy();
    await pumping;
  }
}
