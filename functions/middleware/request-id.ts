import type { RouteEvent, RouteMiddleware } from '../handler.ts';
import { readHeader, withHeaders } from '../http-headers.ts';

/**
 * The id by which the caller knows the request: what it sent as `x-request-id`, else ours. Jobs and rows of
 * the ledger go by ours, `requestContext.requestId`: a caller that sends one id with everything would make
 * one job of two requests, and one row of many.
 */
export function shownRequestId(event: RouteEvent): string {
  return event.callerId ?? event.requestContext.requestId;
}

/** Takes the caller's `x-request-id` where it is a plain name, and sends the id back. */
export function requestId(): RouteMiddleware {
  return {
    before: ({ event }) => {
      const given = readHeader(event, 'x-request-id');
      if (given !== undefined && /^[A-Za-z0-9._-]{1,128}$/.test(given)) {
        event.callerId = given;
      }
    },
    after: (request) => sendBack(request),
    onError: (request) => sendBack(request),
  };
}

function sendBack(request: Parameters<NonNullable<RouteMiddleware['after']>>[0]): void {
  if (request.response === undefined || request.response === null) return;
  request.response = withHeaders(request.response, {
    'x-request-id': shownRequestId(request.event),
  });
}
