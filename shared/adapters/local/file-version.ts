import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ObjectHead } from '#core/ports/object-store.ts';

let lastStampMicros = 0;

/** Version of a file: inode, modification time in nanoseconds, size. Also the etag of an object. */
export function fileVersion(stats: BigIntStats): string {
  return `${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}`;
}

export function objectHeadOf(key: string, stats: BigIntStats): ObjectHead {
  return { key, sizeBytes: Number(stats.size), etag: fileVersion(stats) };
}

/**
 * Gives a file a modification time of its own. The kernel's clock for files moves in steps of up to
 * 4 ms and a freed inode number is used again, so two quick overwrites could share a version.
 */
export async function stampVersion(handle: FileHandle): Promise<void> {
  const nowMicros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  lastStampMicros = Math.max(nowMicros, lastStampMicros + 1);
  const seconds = lastStampMicros / 1_000_000;
  await handle.utimes(seconds, seconds);
}
