import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * The bytes of a file of a bundle, only if they have the SHA-256 that the manifest names. Callers use
 * these very bytes, so nothing can change between the check and the use. Throws `model_invalid`.
 */
export async function readVerifiedFile(file: NamedFile): Promise<Uint8Array> {
  const bytes = await readBundleFile(file.folder, file.path);
  refuseOther(file, createHash('sha256').update(bytes).digest('hex'));
  return bytes;
}

/** Checks a file without keeping it in memory, for those that are used later or elsewhere. */
export async function verifyFile(file: NamedFile): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(join(file.folder, file.path)), hash);
  } catch (cause) {
    throw unreadable(file.path, cause);
  }
  refuseOther(file, hash.digest('hex'));
}

/** The bytes of a file whose content is not named anywhere. Throws `model_invalid` if unreadable. */
export async function readBundleFile(folder: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A file of a bundle and the SHA-256 that its manifest names. */
interface NamedFile {
  readonly folder: string;
  readonly path: string;
  readonly sha256: string;
}

function refuseOther({ path, sha256 }: NamedFile, found: string): void {
  if (found === sha256) return;
  throw new SwitchyardError(
    'model_invalid',
    `${path} has SHA-256 ${found}, but switchyard.json names ${sha256}: the file is damaged or is ` +
      'another one. Fetch the bundle again, or correct switchyard.json if the change is meant.',
  );
}

function unreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'model_invalid',
    `The bundle has no readable file ${path}. Copy the whole bundle folder again.`,
    { cause },
  );
}
