import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { detectFormat } from '#core/formats/detect-format.ts';
import { type EstimatedInput, estimateInput } from '#work/input/estimate-input.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { openRegularFile } from './open-regular-file.ts';

/** Rows of a file and bytes of their texts, estimated as the service does it for a job of the file. */
export async function measureFile(path: string): Promise<EstimatedInput> {
  const file = await openRegularFile(path);
  try {
    const kind = detectFormat(basename(path), undefined);
    const { size: sizeBytes } = await file.stat();
    if (sizeBytes === 0) {
      throw new CliError(
        exitCodes.usage,
        'empty_file',
        `${path} is empty: there is nothing to quote`,
      );
    }
    const input = { key: path, name: basename(path), etag: '', sizeBytes, ...kind };
    return await estimateInput({ read: (_, options) => readStart(file, options) }, [input], {});
  } finally {
    await file.close();
  }
}

async function readStart(
  file: FileHandle,
  options: { readonly range?: { readonly startByte: number; readonly endByte: number } } = {},
): Promise<Uint8Array> {
  const { startByte, endByte } = options.range ?? { startByte: 0, endByte: 0 };
  const buffer = new Uint8Array(endByte - startByte);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, startByte);
  return buffer.subarray(0, bytesRead);
}
