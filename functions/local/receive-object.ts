import type { IncomingMessage, ServerResponse } from 'node:http';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Checks a signed link for an upload; throws `forbidden`. `path` is as it was sent. */
export type VerifyUpload = (
  path: string,
  query: URLSearchParams,
) => { readonly key: string; readonly sizeBytes: number; readonly sha256: string | undefined };

/** Writes an object unless one is there, whole or not at all; false where one is. */
export type StoreUpload = (
  key: string,
  upload: {
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly sizeBytes: number;
    readonly sha256: string | undefined;
  },
) => Promise<boolean>;

/** Takes the file of an upload link, as S3 does: of exactly that size, and over nothing. */
export async function receiveObject(
  http: { readonly request: IncomingMessage; readonly response: ServerResponse },
  link: { readonly path: string; readonly query: string },
  deps: { readonly verifyUpload: VerifyUpload; readonly storeUpload: StoreUpload },
): Promise<void> {
  const { request, response } = http;
  const { key, ...expected } = deps.verifyUpload(link.path, new URLSearchParams(link.query));
  if (!(await deps.storeUpload(key, { bytes: request, ...expected }))) {
    throw new SwitchyardError(
      'object_changed',
      'a file is there already, and none is written over',
    );
  }
  response.writeHead(200, { 'content-length': 0 });
  response.end();
}
