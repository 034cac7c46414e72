import { createHash } from 'node:crypto';
import { constants, copyFile, open, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { objectPath } from '#adapters/local/folder-object-paths.ts';
import { nameFile, temporaryPath, unlinkIfThere } from '#adapters/local/publish-file-object.ts';
import { DEFAULT_TENANT } from '#core/contract/tenant.ts';
import { uploadKey } from '#core/jobs/upload-key.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

export interface StoredUpload {
  /** `s3://local/uploads/…`, the same for the same content and name. */
  readonly uri: string;
  /** Takes the copy back, unless it was there before. */
  discard(): Promise<void>;
}

const maxNameLength = 100;

/**
 * Copies a file into the bucket of a server of this machine, whole or not at all, by the rules of its
 * object store. Throws {@link CliError} `no_data_folder` where `dataFolder` is none of a server.
 */
export async function storeUpload(
  file: string,
  to: { readonly dataFolder: string; readonly reason: string; readonly model: string },
): Promise<StoredUpload> {
  const root = await serverFolder(file, to);
  const temporary = await temporaryPath(root);
  try {
    // Copy-on-write where the file system can; what is hashed is the copy, which nobody changes.
    await copyFile(file, temporary, constants.COPYFILE_FICLONE);
    const content = await syncAndHash(temporary);
    const key = uploadKey({ tenant: DEFAULT_TENANT, content, filename: safeName(file) });
    const target = objectPath(root, key);
    const isNew = await nameFile(root, { temporary, target, mode: 'if-absent' });
    return {
      uri: `s3://local/${key.slice('bucket/'.length)}`,
      discard: async () => {
        if (isNew) await unlinkIfThere(target);
      },
    };
  } finally {
    await unlinkIfThere(temporary);
  }
}

/** Both ways out for a file that cannot travel inline; for errors. */
export function uploadRemedy(file: string, model: string): string {
  return (
    `Run this on the server's machine with --data (or SWITCHYARD_DATA) naming its data folder, ` +
    `or drop the file there: cp ${file} <data>/bucket/inbox/${model}/`
  );
}

/** Whether a server of this machine keeps its data there. */
export async function isDataFolder(folder: string): Promise<boolean> {
  return await stat(join(folder, 'secret')).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function serverFolder(
  file: string,
  to: { readonly dataFolder: string; readonly reason: string; readonly model: string },
): Promise<string> {
  if (await isDataFolder(to.dataFolder)) return await realpath(to.dataFolder);
  throw new CliError(
    exitCodes.usage,
    'no_data_folder',
    `${file} must travel as a file, because ${to.reason}; ${to.dataFolder} is no data folder of a server`,
    { remedy: uploadRemedy(file, to.model) },
  );
}

async function syncAndHash(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk);
    await handle.sync();
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** The file's name as a segment of a key and of a URI; its suffixes tell the format and stay. */
export function safeName(file: string): string {
  return basename(file)
    .slice(-maxNameLength)
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\./, '_');
}
