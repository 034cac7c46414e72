import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Operation, routes } from '#core/contract/routes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { Handler } from '../handler.ts';
import {
  answerBug,
  answerExchange,
  type Exchange,
  type ExchangeDependencies,
  openExchange,
  refuseExchange,
} from './answer-exchange.ts';
import type { LocalRoute } from './match-route.ts';

export interface LocalServerOptions extends ExchangeDependencies {
  readonly handlers: Record<Operation, Handler>;
  /**
   * Routes that only this server has, such as metrics.
   *
   * @default []
   */
  readonly extraRoutes?: readonly LocalRoute[];
  /**
   * Most requests at a time; further ones are answered 503 `overloaded`.
   *
   * @default 512
   */
  readonly maxRequests?: number;
  /**
   * Time for a client to send its headers, in milliseconds.
   *
   * @default 10000
   */
  readonly headersMillis?: number;
  /**
   * Time for a client to send a whole request, in milliseconds.
   *
   * @default 60000
   */
  readonly requestMillis?: number;
  /**
   * Time for running answers when the server closes, in milliseconds.
   *
   * @default 5000
   */
  readonly graceMillis?: number;
}

const defaults = {
  extraRoutes: [],
  maxRequests: 512,
  headersMillis: 10_000,
  requestMillis: 60_000,
  graceMillis: 5_000,
} as const;

/** Longer than any invocation, during which nothing is sent. */
const IDLE_MILLIS = 60_000;

type Settings = Required<LocalServerOptions>;

export interface LocalServer {
  /** Port 0 takes a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  /** Accepts nothing more, lets running answers finish for a while, then breaks them off. */
  close(): Promise<void>;
}

/** The handlers of the cloud behind a real HTTP server, with the limits of the cloud. */
export function createLocalServer(options: LocalServerOptions): LocalServer {
  const settings: Settings = { ...defaults, ...options };
  const table = routeTable(settings);
  let running = 0;
  let isClosing = false;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = openExchange(request, response);
    response.shouldKeepAlive &&= !isClosing;
    if (running >= settings.maxRequests && !isProbe(exchange.path)) {
      void refuseExchange(exchange, overloaded(), settings).catch(giveUp(exchange));
      return;
    }
    running += 1;
    void answerExchange(exchange, table, settings)
      .catch(giveUp(exchange))
      .finally(() => {
        running -= 1;
      });
  };
  const giveUp = (exchange: Exchange) => (error: unknown) => answerBug(exchange, error, settings);
  const server = createServer({
    headersTimeout: settings.headersMillis,
    requestTimeout: settings.requestMillis,
    connectionsCheckingInterval: Math.min(settings.headersMillis, 1_000),
    keepAliveTimeout: 5_000,
  });
  // A client that stops reading must not hold a file open for ever.
  server.setTimeout(IDLE_MILLIS);
  server.on('request', onRequest);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const announcedBytes = Number(request.headers['content-length'] ?? 0);
    if (announcedBytes <= settings.limits.bodyBytes) response.writeContinue();
    onRequest(request, response);
  });
  return {
    listen: ({ host, port }) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ port: number }>();
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        const address = server.address();
        resolve({ port: typeof address === 'object' && address !== null ? address.port : port });
      });
      return promise;
    },
    close: async () => {
      isClosing = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      const timer = setTimeout(() => server.closeAllConnections(), settings.graceMillis);
      await promise;
      clearTimeout(timer);
    },
  };
}

function routeTable(settings: Settings): readonly LocalRoute[] {
  const shared = routes.map(({ operation, method, path }) => ({
    method,
    path,
    handler: settings.handlers[operation],
  }));
  return [...shared, ...settings.extraRoutes];
}

/** Probes must pass under load, or the busy process is restarted. */
function isProbe(path: string): boolean {
  return path === '/health' || path === '/ready';
}

function overloaded(): SwitchyardError {
  return new SwitchyardError('overloaded', 'too many requests at a time; try again', {
    retryAfterSeconds: 1,
  });
}
