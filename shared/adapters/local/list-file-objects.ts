import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { assertObjectPrefix, compareObjectKeys, isObjectKey } from '#core/object-keys.ts';
import type { ListOptions, ObjectHead } from '#core/ports/object-store.ts';
import { objectHeadOf } from './file-version.ts';
import { isAbsent, isPlainFolder, temporaryFolderName } from './folder-object-paths.ts';

/** lstat calls in flight: enough to keep libuv's threads busy, few enough to stream. */
const statsInFlight = 64;

/** Walks the folders in the order of whole keys; holds the names of one folder per level. */
export async function* listFileObjects(
  root: string,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ObjectHead> {
  assertObjectPrefix(prefix);
  const folderKey = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (
    !folderKey.startsWith(`${temporaryFolderName}/`) &&
    (await isPlainFolder(path.join(root, folderKey, '.')))
  ) {
    yield* walk(root, folderKey, { prefix, startAfter: options.startAfter ?? '' });
  }
}

interface Selection {
  readonly prefix: string;
  readonly startAfter: string;
}

async function* walk(
  root: string,
  folderKey: string,
  selection: Selection,
): AsyncGenerator<ObjectHead> {
  const names = await selectedNames(root, folderKey, selection);
  for (let at = 0; at < names.length; at += statsInFlight) {
    const batch = names.slice(at, at + statsInFlight);
    const heads = await Promise.all(batch.map((name) => headIfFile(root, name)));
    for (const [index, name] of batch.entries()) {
      const head = heads[index];
      if (head !== undefined) {
        yield head;
      } else if (name.endsWith('/')) {
        yield* walk(root, name, selection);
      }
    }
  }
}

/** Keys of files, and keys of folders with a final `/`: so "a-b" < "a/x" < "a0" as in a flat store. */
async function selectedNames(
  root: string,
  folderKey: string,
  selection: Selection,
): Promise<string[]> {
  const entries = await readFolder(path.join(root, folderKey));
  return entries
    .filter((entry) => folderKey !== '' || entry.name !== temporaryFolderName)
    .flatMap((entry) => nameOf(folderKey, entry))
    .filter((name) => isSelected(name, selection))
    .sort(compareObjectKeys);
}

function nameOf(folderKey: string, entry: Dirent): string[] {
  if (entry.isDirectory()) {
    return [`${folderKey}${entry.name}/`];
  }
  // Links, pipes and sockets are not objects.
  return entry.isFile() ? [folderKey + entry.name] : [];
}

function isSelected(name: string, { prefix, startAfter }: Selection): boolean {
  if (!name.endsWith('/')) {
    return name.startsWith(prefix) && compareObjectKeys(name, startAfter) > 0 && isObjectKey(name);
  }
  const mayHoldPrefix = name.startsWith(prefix) || prefix.startsWith(name);
  return mayHoldPrefix && (startAfter.startsWith(name) || compareObjectKeys(name, startAfter) > 0);
}

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // A concurrent delete removed it.
    if (isAbsent(error)) {
      return [];
    }
    throw error;
  }
}

async function headIfFile(root: string, name: string): Promise<ObjectHead | undefined> {
  if (name.endsWith('/')) {
    return undefined;
  }
  let stats: BigIntStats;
  try {
    stats = await lstat(path.join(root, name), { bigint: true });
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  }
  return stats.isFile() ? objectHeadOf(name, stats) : undefined;
}
