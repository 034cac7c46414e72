import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent, RouteMiddleware } from '../handler.ts';
import type { Log } from '../handler-dependencies.ts';
import { shownRequestId } from './request-id.ts';

/** Writes one line per request when its answer is known. Never a text, a query or a header. */
export function accessLog(deps: { readonly log: Log; readonly clock: Clock }): RouteMiddleware {
  const startedAt = new WeakMap<RouteEvent, number>();
  const write = (event: RouteEvent, status: number | undefined, error?: unknown): void => {
    const now = deps.clock.monotonicMillis();
    deps.log({
      level: 'info',
      method: event.httpMethod,
      // The route, not the raw path: what a caller puts into a path may be a text too.
      path: event.resource,
      status: status ?? null,
      millis: Math.round((now - (startedAt.get(event) ?? now)) * 1000) / 1000,
      request_id: shownRequestId(event),
      ...(event.callerId === undefined ? {} : { own_id: event.requestContext.requestId }),
      ...event.notes,
      ...(error instanceof SwitchyardError ? { code: error.code } : {}),
    });
  };
  return {
    before: ({ event }) => {
      startedAt.set(event, deps.clock.monotonicMillis());
    },
    after: ({ event, response }) => write(event, response?.statusCode),
    onError: ({ event, response, error }) => write(event, response?.statusCode, error),
  };
}
