import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SecretSource } from '#core/ports/secret-source.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { errorCode, syncFolder } from './folder-object-paths.ts';
import { unlinkIfThere } from './publish-file-object.ts';

/**
 * The secret of this deployment, 64 hex digits, made at the first call and readable by its owner
 * only. Starts that race agree on one. Throws `invalid_setting` where the file holds something else.
 */
export async function readDeploymentSecret(file: string): Promise<string> {
  const secret = (await readSecret(file)) ?? (await createSecret(file));
  if (!/^[0-9a-f]{64}$/.test(secret)) {
    throw new SwitchyardError(
      'invalid_setting',
      `${path.basename(file)} does not hold a secret of 64 hex digits. Restore it from a backup; ` +
        'without it job ids change, and running jobs are not found by repeated requests.',
    );
  }
  return secret;
}

/** {@link readDeploymentSecret} behind the port. */
export function createFileSecretSource(file: string): SecretSource {
  return { read: () => readDeploymentSecret(file) };
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Written beside its place and linked: a reader never meets a file that is still empty. */
async function createSecret(file: string): Promise<string> {
  const folder = path.dirname(file);
  const temporary = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await handle.sync();
    await link(temporary, file);
    await syncFolder(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  } finally {
    await handle.close();
    await unlinkIfThere(temporary);
  }
  return (await readFile(file, 'utf8')).trim();
}
