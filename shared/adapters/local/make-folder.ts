import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Not by `recursive`: where the system says that a folder is not there
 * and does not let it be made either (/proc), Node asks again for ever. Throws what the system says.
 */
export async function makeFolder(path: string): Promise<void> {
  const refusal = await tryToMake(path);
  if (refusal === undefined) return;
  const above = dirname(path);
  if (refusal.code !== 'ENOENT' || above === path) throw refusal;
  await makeFolder(above);
  const again = await tryToMake(path);
  if (again !== undefined) throw again;
}

/** What the system refused, unless the folder is there now. */
async function tryToMake(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    const refusal = error as NodeJS.ErrnoException;
    const isThere =
      refusal.code === 'EEXIST' && (await stat(path).then((found) => found.isDirectory()));
    return isThere ? undefined : refusal;
  }
}
