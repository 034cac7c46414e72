import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseRangeHeader } from '#core/contract/range-header.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * Checks a signed link and gives the object's key. `path` is as it was sent, percent-encoded. Throws
 * `forbidden`.
 */
export type VerifyLink = (path: string, query: URLSearchParams) => string;

/**
 * Streams the object of a signed link, whole or in a range. Errors are thrown before the first byte
 * is sent; later ones break the connection off, so that a cut object is never taken for a whole one.
 */
export async function serveObject(
  http: { readonly request: IncomingMessage; readonly response: ServerResponse },
  link: { readonly path: string; readonly query: string },
  deps: { readonly objectStore: ObjectStore; readonly verifyLink: VerifyLink },
): Promise<void> {
  const { request, response } = http;
  const key = deps.verifyLink(link.path, new URLSearchParams(link.query));
  const head = await deps.objectStore.head(key);
  if (head === undefined) throw new SwitchyardError('object_not_found', 'the object was removed');
  const etag = `"${head.etag}"`;
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRangeHeader(wanted, head.sizeBytes);
  const { startByte, endByte } = range ?? { startByte: 0, endByte: head.sizeBytes };
  response.writeHead(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'content-disposition': 'attachment',
    'content-length': endByte - startByte,
    'content-type': contentType(key),
    'x-content-type-options': 'nosniff',
    etag,
    ...(range === undefined
      ? {}
      : { 'content-range': `bytes ${startByte}-${endByte - 1}/${head.sizeBytes}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const bytes = deps.objectStore.stream(key, {
    ifMatch: head.etag,
    ...(range === undefined ? {} : { range }),
  });
  await pipeline(Readable.from(bytes, { objectMode: false }), response);
}

function contentType(key: string): string {
  if (key.endsWith('.jsonl')) return 'application/jsonl';
  return key.endsWith('.json') ? 'application/json' : 'application/octet-stream';
}
