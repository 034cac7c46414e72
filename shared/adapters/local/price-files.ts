import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Price files that a refresh left in a folder, oldest first; none where there is no folder. */
export async function readPriceFiles(folder: string): Promise<unknown[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return await Promise.all(files.map((name) => readJson(join(folder, name))));
}

/** Puts a price file beside the others, whole or not at all. Gives its path. */
export async function writePriceFile(
  folder: string,
  file: { readonly name: string; readonly content: unknown },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${file.name}.json`);
  await writeFile(`${path}.tmp`, `${JSON.stringify(file.content, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
  return path;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SwitchyardError(
      'invalid_setting',
      `${path} is not JSON; remove it, or refresh again`,
    );
  }
}
