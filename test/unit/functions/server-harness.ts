import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { HandlerDependencies } from '../../../functions/handler-dependencies.ts';
import { createLocalServer, type LocalServerOptions } from '../../../functions/local/server.ts';
import { handlerHarness } from './handler-harness.ts';

/** The local server on a free port, over the handlers of {@link handlerHarness}. */
export async function serverHarness(
  t: TestContext,
  options: {
    readonly deps?: Partial<HandlerDependencies>;
    readonly server?: Partial<LocalServerOptions>;
  } = {},
) {
  const harness = await handlerHarness(t, options.deps);
  const server = createLocalServer({
    ...harness.deps,
    handlers: harness.handlers,
    verifyLink: (path, query) => {
      if (query.get('signature') === 'good') return decodeURIComponent(path).slice(9);
      throw new SwitchyardError('forbidden', 'the link is not valid');
    },
    verifyUpload: () => {
      throw new SwitchyardError('forbidden', 'the link is not valid');
    },
    storeUpload: async () => false,
    graceMillis: 200,
    ...options.server,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return {
    ...harness,
    server,
    port,
    send: (path: string, how: Sending = {}) => send(port, path, how),
    open: () => openSocket(t, port),
  };
}

export interface Sending extends Pick<RequestOptions, 'method' | 'headers' | 'agent'> {
  readonly body?: string | Uint8Array;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** One request whose path is sent as it stands; resolves with the answer even if sending failed. */
export function send(port: number, path: string, how: Sending = {}): Promise<Received> {
  const { body, ...options } = how;
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const method = how.method ?? (body === undefined ? 'GET' : 'POST');
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options, method });
  request.on('response', (response) => {
    request.off('error', reject);
    request.on('error', () => undefined);
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** A bare connection: what came so far, and its end. */
function openSocket(t: TestContext, port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  t.after(() => socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => undefined).on('close', () => resolve());
  return { socket, closed, received: () => received };
}
