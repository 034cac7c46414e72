import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { objectPath } from './folder-object-paths.ts';
import { publishFile } from './publish-file-object.ts';

/**
 * Writes an upload under its key unless an object is there (false); memory stays flat. Throws
 * `invalid_request` for other bytes than announced, and then leaves nothing.
 */
export async function receiveUpload(
  root: string,
  key: string,
  upload: {
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly sizeBytes: number;
    readonly sha256: string | undefined;
  },
): Promise<boolean> {
  return await publishFile(root, objectPath(root, key), {
    mode: 'if-absent',
    write: (handle) => writeExactly(handle, upload),
  });
}

async function writeExactly(
  handle: FileHandle,
  { bytes, sizeBytes, sha256 }: Parameters<typeof receiveUpload>[2],
): Promise<void> {
  const hash = createHash('sha256');
  let written = 0;
  for await (const chunk of bytes) {
    written += chunk.byteLength;
    if (written > sizeBytes) throw otherSize(sizeBytes);
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
  if (written !== sizeBytes) throw otherSize(sizeBytes);
  if (sha256 === undefined || sha256 === hash.digest('hex')) return;
  const detail = 'the file has another SHA-256 than was announced; send it again';
  throw new SwitchyardError('invalid_request', detail, { members: { param: 'sha256' } });
}

function otherSize(sizeBytes: number): SwitchyardError {
  return new SwitchyardError(
    'invalid_request',
    `this link takes exactly ${sizeBytes} bytes; ask POST /uploads for one of another size`,
    { members: { param: 'bytes', limit_bytes: sizeBytes } },
  );
}
