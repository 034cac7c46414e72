import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** The stored bytes of the pinned version from `startByte` to the end, in ranged reads of 1 MiB. */
export async function* readFileBytes(
  objectStore: ObjectStore,
  file: InputFile,
  startByte = 0,
): AsyncGenerator<Uint8Array> {
  for (let at = startByte; at < file.sizeBytes; ) {
    const range = { startByte: at, endByte: Math.min(file.sizeBytes, at + READ_BYTES) };
    const bytes = await objectStore.read(file.key, { range, ifMatch: file.etag });
    if (bytes === undefined) {
      throw new SwitchyardError('object_not_found', `${file.name} is gone; submit it again`);
    }
    if (bytes.length !== range.endByte - at) throw cutShort(file, at + bytes.length);
    at += bytes.length;
    yield bytes;
  }
}

const READ_BYTES = 1_048_576;

/** For a file that ended before the size that its version had. */
export function cutShort(file: InputFile, atByte: number): SwitchyardError {
  return new SwitchyardError(
    'object_changed',
    `${file.name} ended at byte ${atByte} of ${file.sizeBytes}; submit it again once it is complete`,
  );
}

/** Whether the stored bytes start as gzip does; no UTF-8 text can. */
export async function isGzip(objectStore: ObjectStore, file: InputFile): Promise<boolean> {
  const range = { startByte: 0, endByte: 2 };
  const magic = await objectStore.read(file.key, { range, ifMatch: file.etag });
  return magic?.[0] === 0x1f && magic[1] === 0x8b;
}
