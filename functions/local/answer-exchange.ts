import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '#core/contract/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { composeRoute } from '../handler.ts';
import type { Log } from '../handler-dependencies.ts';
import { problemAnswer } from '../middleware/problem-response.ts';
import { payloadTooLarge } from '../middleware/request-body.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { fromProxyResult, toProxyEvent } from './api-gateway-event.ts';
import { lambdaContext } from './lambda-context.ts';
import { type LocalRoute, type MatchedRoute, matchRoute } from './match-route.ts';
import { readBody } from './read-body.ts';
import { receiveObject, type StoreUpload, type VerifyUpload } from './receive-object.ts';
import { refuseForeignPage } from './refuse-foreign-page.ts';
import { sendAnswer } from './send-answer.ts';
import { serveObject, type VerifyLink } from './serve-object.ts';

/** What answering a request needs from the server. */
export interface ExchangeDependencies {
  readonly objectStore: ObjectStore;
  readonly verifyLink: VerifyLink;
  readonly verifyUpload: VerifyUpload;
  readonly storeUpload: StoreUpload;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
}

/** One HTTP request and the answer being made to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: string;
  readonly requestId: string;
}

/** Takes the target apart without decoding or normalising it. */
export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  // An absolute target names the server too; it is not parsed as a URL, which would resolve `..`.
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const queryAt = target.indexOf('?');
  return {
    request,
    response,
    path: queryAt === -1 ? target : target.slice(0, queryAt),
    query: queryAt === -1 ? '' : target.slice(queryAt + 1),
    requestId: randomUUID(),
  };
}

/** Answers by the route table, or streams the object of a signed link. Rejects only for bugs. */
export async function answerExchange(
  exchange: Exchange,
  table: readonly LocalRoute[],
  deps: ExchangeDependencies,
): Promise<void> {
  const method = exchange.request.method ?? 'GET';
  if (exchange.path.startsWith('/objects/') && ['GET', 'HEAD', 'PUT'].includes(method)) {
    return answerObject(exchange, deps);
  }
  let matched: MatchedRoute;
  try {
    refuseForeignPage(exchange.request);
    matched = matchRoute(table, { method, path: exchange.path });
  } catch (error) {
    return refuseExchange(exchange, error, deps);
  }
  const body = await readBody(exchange.request, deps.limits.bodyBytes);
  if (body.kind === 'too-large') {
    return refuseExchange(exchange, payloadTooLarge(body.receivedBytes, deps.limits), deps);
  }
  if (body.kind === 'broken-off') return refuseExchange(exchange, clientGone(), deps);
  return callHandler(exchange, { ...matched, body: body.bytes }, deps);
}

async function answerObject(exchange: Exchange, deps: ExchangeDependencies): Promise<void> {
  const startedMillis = deps.clock.monotonicMillis();
  try {
    const take = exchange.request.method === 'PUT' ? receiveObject : serveObject;
    await take(exchange, exchange, deps);
  } catch (error) {
    const { response } = exchange;
    if (!response.headersSent) return refuseExchange(exchange, error, deps);
    response.destroy();
  }
  deps.log({
    level: 'info',
    method: exchange.request.method,
    path: '/objects/{key+}',
    status: exchange.response.statusCode,
    millis: deps.clock.monotonicMillis() - startedMillis,
    request_id: exchange.requestId,
  });
}

/** Answers with an error that no handler saw, through the same middleware as every other answer. */
export function refuseExchange(
  exchange: Exchange,
  error: unknown,
  deps: ExchangeDependencies,
): Promise<void> {
  const handler = composeRoute(standardMiddleware(deps), () => Promise.reject(error));
  const route = { method: exchange.request.method ?? 'GET', path: '(refused)', handler };
  const body = new Uint8Array();
  return callHandler(exchange, { route, pathParameters: {}, body }, deps);
}

async function callHandler(
  exchange: Exchange,
  matched: MatchedRoute & { readonly body: Uint8Array },
  deps: ExchangeDependencies,
): Promise<void> {
  const { request, response, requestId } = exchange;
  const gone = new AbortController();
  const onClose = (): void => gone.abort(clientGone());
  response.once('close', onClose);
  const event = toProxyEvent(
    {
      method: matched.route.method,
      path: exchange.path,
      query: exchange.query,
      headers: headerPairs(request.rawHeaders),
      body: matched.body,
      sourceIp: request.socket.remoteAddress ?? '',
      requestId,
      receivedAtEpochMillis: deps.clock.epochMillis(),
    },
    { path: matched.route.path, pathParameters: matched.pathParameters },
  );
  const context = lambdaContext({ requestId, signal: gone.signal, clock: deps.clock });
  const result = await matched.route.handler(event, context);
  response.off('close', onClose);
  await sendAnswer(exchange, fromProxyResult(result));
}

function headerPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}

/** The last net: whatever went wrong, the client gets an answer or a closed connection. */
export async function answerBug(
  exchange: Exchange,
  error: unknown,
  deps: ExchangeDependencies,
): Promise<void> {
  const { requestId } = exchange;
  const problem = problemAnswer(error, { requestId, log: deps.log });
  await sendAnswer(exchange, fromProxyResult(problem)).catch(() => exchange.response.destroy());
}

function clientGone(): SwitchyardError {
  return new SwitchyardError('client_closed_request', 'the client closed the connection');
}
