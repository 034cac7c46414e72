import type { RouteMiddleware } from '../handler.ts';
import { readHeader, withHeaders } from '../http-headers.ts';

/** Takes the caller's `x-request-id` where it is a plain name, and sends the id back. */
export function requestId(): RouteMiddleware {
  return {
    before: ({ event }) => {
      const given = readHeader(event, 'x-request-id');
      if (given !== undefined && /^[A-Za-z0-9._-]{1,128}$/.test(given)) {
        event.requestContext.requestId = given;
      }
    },
    after: (request) => sendBack(request),
    onError: (request) => sendBack(request),
  };
}

function sendBack(request: Parameters<NonNullable<RouteMiddleware['after']>>[0]): void {
  if (request.response === undefined || request.response === null) return;
  request.response = withHeaders(request.response, {
    'x-request-id': request.event.requestContext.requestId,
  });
}
