import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { UploadView } from '#core/contract/upload.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ServiceClient } from './service-client.ts';
import { safeName } from './store-upload.ts';

/**
 * Sends a file to the place that `POST /uploads` gives; the same content has the same place, and what
 * lies there already is not sent twice. Gives the `s3://` URI. Memory stays flat.
 */
export async function sendUpload(
  client: Pick<ServiceClient, 'createUpload'>,
  file: string,
): Promise<string> {
  const blob = await openAsBlob(file);
  const sha256 = await sha256Of(file);
  const upload = await client.createUpload({ filename: safeName(file), bytes: blob.size, sha256 });
  const answer = await send(upload, blob);
  await answer.body?.cancel();
  // 412 of S3, 409 of a server on one machine: this very content is there.
  if (answer.ok || answer.status === 412 || answer.status === 409) return upload.input;
  throw new CliError(
    exitCodes.refused,
    'upload_refused',
    `the place for ${file} did not take it (HTTP ${answer.status})`,
    {
      remedy: 'The file may have changed meanwhile; run the same command again.',
      isRetryable: true,
    },
  );
}

async function send({ url, headers }: UploadView, blob: Blob): Promise<Response> {
  // fetch sets the length of a blob itself and refuses to be told.
  const { 'content-length': _, ...others } = headers;
  try {
    return await fetch(url, { method: 'PUT', headers: others, body: blob });
  } catch (cause) {
    const detail = `the connection to ${new URL(url).host} broke while the file was sent`;
    throw new CliError(exitCodes.unreachable, 'upload_broken', detail, {
      remedy: 'Run the same command again.',
      isRetryable: true,
      cause,
    });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
