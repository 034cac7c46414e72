import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    await using handle = await open(join(file.folder, file.path));
    // One buffer for all of it: a stream leaves a new one per chunk to some late collection, which kept
    // 45 MB of a server that had only checked its models.
    const buffer = new Uint8Array(CHECK_BUFFER_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } catch (cause) {
    throw unreadable(file.path, cause);
  }
  refuseOther(file, hash.digest('hex'));
}

const CHECK_BUFFER_BYTES = 262_144;

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
