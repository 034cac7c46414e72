import { type FileHandle, mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectSegment, ObjectStore } from '#core/ports/object-store.ts';
import {
  entryKind,
  errorCode,
  isAbsent,
  isPlainFolder,
  objectPath,
  temporaryFolderName,
} from './folder-object-paths.ts';
import { listFileObjects } from './list-file-objects.ts';
import { publishFile, removeOldTemporaries } from './publish-file-object.ts';
import {
  copyFileObject,
  headOfFile,
  readFileObject,
  streamFileObject,
} from './read-file-object.ts';

const copyBytes = 256 * 1024;

/**
 * An object store on a folder of one machine, shared by any number of processes: the object `key`
 * is the file `<folder>/<key>`. Every write is a temporary file that is synced and then renamed or
 * linked, so a kill at any moment leaves whole objects only. A folder cannot hold both `a` and
 * `a/b`: the second throws `invalid_key`. Links inside the folder are never followed.
 */
export async function openFolderObjectStore(options: {
  readonly folder: string;
}): Promise<ObjectStore> {
  await mkdir(path.join(options.folder, temporaryFolderName), { recursive: true });
  const root = await realpath(options.folder);
  await removeOldTemporaries(root);
  return {
    head: (key) => headOfFile(root, key),
    read: (key, readOptions = {}) => readFileObject(root, key, readOptions),
    stream: (key, readOptions = {}) => streamFileObject(root, key, readOptions),
    list: (prefix, listOptions = {}) => listFileObjects(root, prefix, listOptions),
    async put(key, body) {
      const write = (handle: FileHandle) => handle.writeFile(body);
      await publishFile(root, objectPath(root, key), { mode: 'replace', write });
    },
    putIfAbsent: (key, body) => publishIfAbsent(root, key, (handle) => handle.writeFile(body)),
    concatenateIfAbsent: (key, segments) =>
      publishIfAbsent(root, key, (handle) => writeSegments(root, segments, handle)),
    delete: (key) => deleteObject(root, key),
  };
}

async function publishIfAbsent(
  root: string,
  key: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<boolean> {
  const target = objectPath(root, key);
  // Spares the loser of a decided race the write and the sync; link(2) still decides.
  if ((await isPlainFolder(path.dirname(target))) && (await entryKind(target)) === 'file') {
    return false;
  }
  return publishFile(root, target, { mode: 'if-absent', write });
}

async function writeSegments(
  root: string,
  segments: readonly ObjectSegment[],
  handle: FileHandle,
): Promise<void> {
  // One buffer serves all segments: fresh ones pile up outside the heap, where V8 collects late.
  const buffer = new Uint8Array(copyBytes);
  for (const { key, range } of segments) await copyFileObject(root, { key, range, buffer }, handle);
}

async function deleteObject(root: string, key: string): Promise<void> {
  const target = objectPath(root, key);
  const folder = path.dirname(target);
  if (!(await isPlainFolder(folder)) || (await entryKind(target)) !== 'file') {
    return;
  }
  try {
    await unlink(target);
  } catch (error) {
    if (!isAbsent(error)) {
      throw error;
    }
  }
  await removeEmptyFolders(root, folder);
}

/** Up to the first segment, which names a bucket and stays. rmdir(2) never takes a folder in use. */
async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  if (folder === root || path.dirname(folder) === root) {
    return;
  }
  try {
    await rmdir(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || isAbsent(error)) {
      return;
    }
    throw error;
  }
  await removeEmptyFolders(root, path.dirname(folder));
}
