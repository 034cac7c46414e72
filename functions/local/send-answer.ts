import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAnswer } from './api-gateway-event.ts';
import { drainBody } from './read-body.ts';

const drainLimits = { drainBytes: 67_108_864, drainMillis: 5_000 } as const;

/** Sends a whole answer; where the body was not read to its end, the connection closes after it. */
export async function sendAnswer(
  http: { readonly request: IncomingMessage; readonly response: ServerResponse },
  answer: HttpAnswer,
): Promise<void> {
  const { request, response } = http;
  if (response.headersSent || response.destroyed) return;
  const isUnread = !request.complete;
  if (isUnread) response.shouldKeepAlive = false;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.setHeader('content-length', answer.body.byteLength);
  response.setHeader('x-content-type-options', 'nosniff');
  response.writeHead(answer.status);
  if (request.method !== 'HEAD') response.write(answer.body);
  if (isUnread) await drainBody(request, drainLimits);
  response.end();
}
