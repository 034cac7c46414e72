import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { makeFolder } from './make-folder.ts';

/** Held for as long as it is referenced and the process lives. */
export interface FolderLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Makes this process the only server of a data folder. SQLite asks the system for the lock, so that it goes
 * with the process, however that ends, and no file has to be removed by hand. Creates the folder. Throws
 * `invalid_setting` where another process has it, naming that one, and what the system said otherwise.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolder(folder);
  const holderFile = join(folder, 'server.pid');
  const database = openDatabase(join(folder, 'server.lock'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (errorNumberOf(error) === SQLITE_BUSY) throw await inUse(folder, holderFile);
    throw error;
  }
  await writeFile(holderFile, `${process.pid}\n`);
  return { release: () => database.close() };
}

function openDatabase(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new SwitchyardError('invalid_setting', `${path} cannot be written`, { cause });
  }
}

function errorNumberOf(error: unknown): unknown {
  return error instanceof Error && 'errcode' in error ? error.errcode : undefined;
}

async function inUse(folder: string, holderFile: string): Promise<SwitchyardError> {
  const holder = await readFile(holderFile, 'utf8').catch(() => '');
  const who = /^\d{1,10}\n$/.test(holder) ? ` (process ${holder.trim()})` : '';
  return new SwitchyardError(
    'invalid_setting',
    `another server${who} has the data folder ${folder}; stop it, or give this one a folder of its own`,
  );
}
