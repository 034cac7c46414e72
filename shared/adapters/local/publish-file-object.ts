import { randomUUID } from 'node:crypto';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import path from 'node:path';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { stampVersion } from './file-version.ts';
import {
  ensureFolder,
  entryKind,
  errorCode,
  notAFolder,
  syncFolder,
  temporaryFolderName,
} from './folder-object-paths.ts';

const maxTries = 100;
const dayMillis = 24 * 60 * 60 * 1000;

/**
 * Gives a finished file its name. `replace` overwrites; `if-absent` answers false where a file has
 * the name already. Of any number of racers, in any number of processes, link(2) lets one through.
 */
export type PublishMode = 'replace' | 'if-absent';

/** Writes a file beside the objects, makes it durable, and shows it whole under its name or never. */
export async function publishFile(
  root: string,
  target: string,
  how: { readonly mode: PublishMode; readonly write: (handle: FileHandle) => Promise<void> },
): Promise<boolean> {
  const temporary = await writeTemporary(root, how.write);
  try {
    return await nameFile(root, { temporary, target, mode: how.mode });
  } finally {
    // After a rename the name is gone already.
    await unlinkIfThere(temporary);
  }
}

/** A path for a temporary file that no other process uses; the folder of such files exists. */
export async function temporaryPath(root: string): Promise<string> {
  const folder = path.join(root, temporaryFolderName);
  await mkdir(folder, { recursive: true });
  return path.join(folder, `${process.pid}-${randomUUID()}`);
}

/** Names a durable temporary file; the name is durable when it resolves. */
export async function nameFile(
  root: string,
  file: { readonly temporary: string; readonly target: string; readonly mode: PublishMode },
): Promise<boolean> {
  const folder = path.dirname(file.target);
  for (let tries = 1; ; tries++) {
    await ensureFolder(root, folder);
    try {
      await (file.mode === 'replace' ? rename : link)(file.temporary, file.target);
      await syncFolder(folder);
      return true;
    } catch (error) {
      if (await isTaken(file.target, error)) {
        return false;
      }
      if (tries === maxTries) {
        throw error;
      }
    }
  }
}

/** Removes a name; no error where there is none. */
export async function unlinkIfThere(target: string): Promise<void> {
  try {
    await unlink(target);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}

/** Removes what killed processes left; a day is longer than any write takes. */
export async function removeOldTemporaries(root: string): Promise<void> {
  const folder = path.join(root, temporaryFolderName);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() && Date.now() - stats.mtimeMs > dayMillis) {
      await unlinkIfThere(file);
    }
  }
}

async function writeTemporary(
  root: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<string> {
  const temporary = await temporaryPath(root);
  const handle = await open(temporary, 'wx', 0o644);
  try {
    await write(handle);
    await stampVersion(handle);
    await handle.sync();
  } catch (error) {
    await unlinkIfThere(temporary);
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

/** True: a file has the name. False: what stood in the way is gone, try again. Else throws. */
async function isTaken(target: string, error: unknown): Promise<boolean> {
  const code = errorCode(error);
  if (code === 'ENOENT') {
    // A concurrent delete removed the folder between its creation and the naming.
    return false;
  }
  if (code === 'ENOTDIR') {
    throw notAFolder(error);
  }
  if (code !== 'EEXIST' && code !== 'EISDIR' && code !== 'ENOTEMPTY') {
    throw error;
  }
  const kind = await entryKind(target);
  if (kind === 'folder') {
    await removeEmptyFolder(target);
    return false;
  }
  if (kind === 'other') {
    throw new SwitchyardError('invalid_key', 'Something that is not a file has this name.');
  }
  return kind === 'file';
}

async function removeEmptyFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') {
      throw new SwitchyardError(
        'invalid_key',
        'Other keys start with this key and a "/", and a folder cannot hold both. Rename one.',
        { cause: error },
      );
    }
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}
