import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { assertObjectKey } from '#core/object-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Where half-written files wait, beside the objects so that a rename stays on one file system. */
export const temporaryFolderName = '.tmp';

/** Path of a key below `root`. Throws `invalid_key`; the result never lies outside of `root`. */
export function objectPath(root: string, key: string): string {
  assertObjectKey(key);
  if (key === temporaryFolderName || key.startsWith(`${temporaryFolderName}/`)) {
    throw new SwitchyardError(
      'invalid_key',
      `Keys below "${temporaryFolderName}/" belong to the store. Choose another first segment.`,
    );
  }
  return path.join(root, key);
}

/**
 * Whether a folder is reached without any symbolic link; false where there is none. No link inside
 * the store is followed, wherever it leads: whoever may drop a file could otherwise have any file of
 * the machine read or written. (The last segment is guarded by O_NOFOLLOW when it is opened.)
 */
export async function isPlainFolder(folder: string): Promise<boolean> {
  try {
    return (await realpath(folder)) === folder;
  } catch (error) {
    if (isAbsent(error)) {
      return false;
    }
    throw error;
  }
}

/** Creates the folder of an object durably, one level at a time so that no link is walked through. */
export async function ensureFolder(root: string, folder: string): Promise<void> {
  if (await isPlainFolder(folder)) {
    return;
  }
  const kind = await entryKind(folder);
  if (folder === root || kind === 'file' || kind === 'other') {
    throw notAFolder();
  }
  // Also where it stands by now: another writer made it meanwhile, or a link is further up.
  const parent = path.dirname(folder);
  await ensureFolder(root, parent);
  if (kind === 'none') {
    await makeFolder(root, folder);
    await syncFolder(parent);
  }
}

async function makeFolder(root: string, folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      // A concurrent delete removed the still empty parent.
      await ensureFolder(root, folder);
    } else if (code === 'ENOTDIR') {
      throw notAFolder(error);
    } else if (code !== 'EEXIST') {
      throw error;
    }
  }
}

/** For a key of which a segment before the last is an object, a link or something else. */
export function notAFolder(cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'invalid_key',
    'A part of the key is an object or a link, and a folder cannot hold both. Choose another key.',
    { cause },
  );
}

/** What stands at a path, links not followed. */
export async function entryKind(target: string): Promise<'none' | 'file' | 'folder' | 'other'> {
  try {
    const stats = await lstat(target);
    if (stats.isFile()) {
      return 'file';
    }
    return stats.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    // ENOTDIR: a segment before the last is a file, which the caller meets one level up.
    if (isAbsent(error)) {
      return 'none';
    }
    throw error;
  }
}

/** Makes names in a folder durable; a folder that is gone has none. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isAbsent(error)) {
      throw error;
    }
  }
}

/** True for the errors that mean "there is no such object", a link in its place included. */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  // ENXIO: a socket, or a pipe without a reader.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO';
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
