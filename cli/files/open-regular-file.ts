import { type FileHandle, open } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Opens a file that a command names. Throws {@link CliError} `file_not_readable`, also for a folder. */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path).catch((cause: unknown) => {
    const remedy = 'Check the path and its permissions.';
    throw new CliError(exitCodes.usage, 'file_not_readable', `${path} cannot be read`, {
      remedy,
      cause,
    });
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  const remedy = 'Name the files one by one; a pipe must be saved to a file first.';
  const detail = `${path} is no regular file`;
  throw new CliError(exitCodes.usage, 'file_not_readable', detail, { remedy });
}
