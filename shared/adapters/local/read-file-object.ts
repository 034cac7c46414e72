import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { ByteRange, ObjectHead, ReadOptions } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { fileVersion, objectHeadOf } from './file-version.ts';
import { isAbsent, isPlainFolder, objectPath } from './folder-object-paths.ts';

const chunkBytes = 256 * 1024;
const collectEveryBytes = 4 * 1024 * 1024;
// O_NONBLOCK: opening a named pipe that somebody dropped must not hang.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Size and version of the file of a key, or undefined where there is no plain file. */
export async function headOfFile(root: string, key: string): Promise<ObjectHead | undefined> {
  const opened = await openObject(root, key);
  await opened?.handle.close();
  return opened?.head;
}

/** The bytes of one state of a file: all come from one open handle, a replaced file is not mixed in. */
export async function readFileObject(
  root: string,
  key: string,
  options: ReadOptions,
): Promise<Uint8Array | undefined> {
  const opened = await openObject(root, key, options);
  if (opened === undefined) {
    return undefined;
  }
  try {
    const { startByte, endByte } = bytesToRead(opened.head, options);
    const bytes = await readRange(opened.handle, { startByte, lengthBytes: endByte - startByte });
    await assertUnchanged(opened, options);
    return bytes;
  } finally {
    await opened.handle.close();
  }
}

/** Chunks of at most 256 KiB, read as the consumer asks for them. Throws `object_not_found`. */
export async function* streamFileObject(
  root: string,
  key: string,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const opened = await openObject(root, key, options);
  if (opened === undefined) {
    throw new SwitchyardError('object_not_found', 'There is no object of this key.');
  }
  try {
    const { startByte, endByte } = bytesToRead(opened.head, options);
    let at = startByte;
    let collectedAt = startByte;
    while (at < endByte) {
      const lengthBytes = Math.min(chunkBytes, endByte - at);
      const chunk = await readRange(opened.handle, { startByte: at, lengthBytes });
      if (chunk.length === 0) {
        break;
      }
      at += chunk.length;
      yield chunk;
      if (at - collectedAt >= collectEveryBytes) {
        // Chunks lie outside the heap, where V8 lets tens of megabytes pile up. Workers, whose memory
        // must stay flat, are started with --expose-gc.
        globalThis.gc?.();
        collectedAt = at;
      }
    }
    await assertUnchanged(opened, options);
  } finally {
    await opened.handle.close();
  }
}

/** Appends a part of an object to an open file, through `buffer`. Throws `object_not_found`. */
export async function copyFileObject(
  root: string,
  source: {
    readonly key: string;
    readonly range: ByteRange | undefined;
    readonly buffer: Uint8Array;
  },
  target: FileHandle,
): Promise<void> {
  const options = source.range === undefined ? {} : { range: source.range };
  const opened = await openObject(root, source.key);
  if (opened === undefined) {
    throw new SwitchyardError('object_not_found', 'There is no object of this key.');
  }
  try {
    const { startByte, endByte } = bytesToRead(opened.head, options);
    const { buffer } = source;
    for (let at = startByte; at < endByte; ) {
      const length = Math.min(buffer.length, endByte - at);
      const { bytesRead } = await opened.handle.read(buffer, 0, length, at);
      if (bytesRead === 0) {
        break;
      }
      at += bytesRead;
      await target.writeFile(buffer.subarray(0, bytesRead));
    }
  } finally {
    await opened.handle.close();
  }
}

interface OpenObject {
  readonly handle: FileHandle;
  readonly head: ObjectHead;
}

async function openObject(
  root: string,
  key: string,
  options: ReadOptions = {},
): Promise<OpenObject | undefined> {
  const target = objectPath(root, key);
  const opened = (await isPlainFolder(path.dirname(target)))
    ? await openPlainFile(target, key)
    : undefined;
  if (options.ifMatch !== undefined && opened?.head.etag !== options.ifMatch) {
    await opened?.handle.close();
    throw objectChanged();
  }
  return opened;
}

async function openPlainFile(target: string, key: string): Promise<OpenObject | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(target, readFlags);
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  }
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) {
    await handle.close();
    return undefined;
  }
  return { handle, head: objectHeadOf(key, stats) };
}

function bytesToRead(
  head: ObjectHead,
  { range }: ReadOptions,
): { readonly startByte: number; readonly endByte: number } {
  if (range === undefined) {
    return { startByte: 0, endByte: head.sizeBytes };
  }
  if (
    !Number.isSafeInteger(range.startByte) ||
    range.startByte < 0 ||
    Number.isNaN(range.endByte)
  ) {
    throw new SwitchyardError('invalid_request', 'A byte range starts at a whole number from 0.');
  }
  const startByte = Math.min(range.startByte, head.sizeBytes);
  return { startByte, endByte: Math.max(startByte, Math.min(range.endByte, head.sizeBytes)) };
}

/** Fewer bytes than asked for only where the file got shorter meanwhile. */
async function readRange(
  handle: FileHandle,
  range: { readonly startByte: number; readonly lengthBytes: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.lengthBytes);
  let filled = 0;
  while (filled < bytes.length) {
    // One read(2) takes less than 2 GiB.
    const length = Math.min(bytes.length - filled, 2 ** 30);
    const { bytesRead } = await handle.read(bytes, filled, length, range.startByte + filled);
    if (bytesRead === 0) {
      return bytes.subarray(0, filled);
    }
    filled += bytesRead;
  }
  return bytes;
}

/** A dropped file may be written in place, under the same inode, while it is read. */
async function assertUnchanged(opened: OpenObject, options: ReadOptions): Promise<void> {
  if (options.ifMatch === undefined) {
    return;
  }
  if (fileVersion(await opened.handle.stat({ bigint: true })) !== options.ifMatch) {
    throw objectChanged();
  }
}

function objectChanged(): SwitchyardError {
  return new SwitchyardError(
    'object_changed',
    'The object is not in the version that was asked for. Ask for its present version.',
  );
}
