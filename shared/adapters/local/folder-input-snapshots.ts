import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { copyFile, lstat, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { InputSnapshots } from '#core/ports/input-snapshots.ts';
import type { ObjectHead } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { fileVersion, stampVersion } from './file-version.ts';
import { isAbsent, isPlainFolder, objectPath } from './folder-object-paths.ts';
import { nameFile, temporaryPath, unlinkIfThere } from './publish-file-object.ts';
import { headOfFile } from './read-file-object.ts';

/**
 * Pins by a copy to `work/jobs/{jobId}/input` in the folder of the object store, or below it where the
 * job has several files: copy-on-write where the file system can. A version is inode, modification time and size, the etag of the object.
 */
export function createFolderInputSnapshots(options: { readonly folder: string }): InputSnapshots {
  return {
    async version(key) {
      return (await headOfFile(await realpath(options.folder), key))?.etag;
    },
    async pin(source, jobId, ordinal) {
      const key = ordinal === undefined ? pinnedKey(jobId) : pinnedFileKey(jobId, ordinal, source);
      const root = await realpath(options.folder);
      return (await headOfFile(root, key)) ?? (await copyVersion(root, source, key));
    },
  };
}

function pinnedKey(jobId: string): string {
  if (jobId.includes('/')) {
    throw new SwitchyardError('invalid_key', 'A job id is one segment of a key, without "/".');
  }
  return `work/jobs/${jobId}/input`;
}

/** The name holds what was pinned: a submission that is repeated may list other files by then. */
function pinnedFileKey(
  jobId: string,
  ordinal: number,
  source: { readonly key: string; readonly version: string },
): string {
  const identity = createHash('sha256').update(`${source.key}\0${source.version}`).digest('hex');
  const folder = pinnedKey(jobId);
  return `${folder}/${String(ordinal).padStart(6, '0')}-${identity.slice(0, 16)}`;
}

async function copyVersion(
  root: string,
  source: { readonly key: string; readonly version: string },
  pinned: string,
): Promise<ObjectHead> {
  const sourcePath = objectPath(root, source.key);
  const temporary = await temporaryPath(root);
  try {
    await assertVersion(sourcePath, source.version);
    await copyFile(sourcePath, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await makeDurable(temporary);
    // Unchanged after the copy too: then every byte of it is of that version.
    await assertVersion(sourcePath, source.version);
    await nameFile(root, { temporary, target: objectPath(root, pinned), mode: 'if-absent' });
  } catch (error) {
    throw isAbsent(error) ? objectChanged() : error;
  } finally {
    await unlinkIfThere(temporary);
  }
  // Ours, or that of a racer who pinned the same version of the same job.
  const head = await headOfFile(root, pinned);
  if (head === undefined) {
    throw new SwitchyardError('object_not_found', 'The pinned input was removed at once.');
  }
  return head;
}

async function assertVersion(sourcePath: string, version: string): Promise<void> {
  const stats = await plainFileStats(sourcePath);
  if (stats === undefined || fileVersion(stats) !== version) {
    throw objectChanged();
  }
}

async function plainFileStats(sourcePath: string): Promise<BigIntStats | undefined> {
  if (!(await isPlainFolder(path.dirname(sourcePath)))) {
    return undefined;
  }
  const stats = await lstat(sourcePath, { bigint: true });
  return stats.isFile() ? stats : undefined;
}

async function makeDurable(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await stampVersion(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function objectChanged(): SwitchyardError {
  return new SwitchyardError(
    'object_changed',
    'The input was replaced, written to or removed before it was pinned. Submit it again.',
  );
}
