import type { IncomingMessage } from 'node:http';

export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large'; readonly receivedBytes: number }
  | { readonly kind: 'broken-off' };

/** Reads a body, but never more than one chunk above the limit. The rest stays unread. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  if (announcedBytes > limitBytes) return { kind: 'too-large', receivedBytes: announcedBytes };
  const chunks: Uint8Array[] = [];
  let receivedBytes = 0;
  try {
    // Leaving the loop must not destroy the socket: the answer goes over it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes: Uint8Array = chunk;
      receivedBytes += bytes.byteLength;
      if (receivedBytes > limitBytes) return { kind: 'too-large', receivedBytes };
      chunks.push(bytes);
    }
  } catch {
    return { kind: 'broken-off' };
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}

/**
 * Reads and forgets what a client still sends. Closing a socket with unread bytes resets the
 * connection, and the client loses the answer it already had. Resolves at the end of the body, when
 * the client left, or at a limit.
 */
export async function drainBody(
  request: IncomingMessage,
  limits: { readonly drainBytes: number; readonly drainMillis: number },
): Promise<void> {
  if (request.complete || request.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limits.drainMillis);
  let drainedBytes = 0;
  const count = (chunk: Uint8Array): void => {
    drainedBytes += chunk.byteLength;
    if (drainedBytes > limits.drainBytes) resolve();
  };
  request.on('data', count).once('end', resolve).once('close', resolve).once('error', resolve);
  await promise;
  clearTimeout(timer);
}
