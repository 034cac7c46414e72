import { DEFAULT_TENANT } from '#core/contract/tenant.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { RouteEvent, RouteMiddleware } from '../handler.ts';
import type { FinishedRequest } from '../handler-dependencies.ts';
import { callerOf } from '../tenant.ts';

/**
 * Takes every request of an inference route into the ledger, answered or not, once its answer is
 * known. The outermost of its list: it sees the answer as it leaves. Nothing waits for it.
 */
export function chargeRequest(deps: {
  readonly clock: Clock;
  readonly recordRequest?: (request: FinishedRequest) => void;
}): RouteMiddleware {
  const startedAt = new WeakMap<RouteEvent, number>();
  const record: NonNullable<RouteMiddleware['after']> = ({ event, response }) => {
    const now = deps.clock.monotonicMillis();
    deps.recordRequest?.({
      requestId: event.requestContext.requestId,
      tenant: callerOf(event) ?? DEFAULT_TENANT,
      model: event.notes?.model,
      askedItems: event.notes?.items ?? 0,
      usage: event.usage,
      elapsedMillis: now - (startedAt.get(event) ?? now),
      status: response?.statusCode ?? 500,
      responseBytes: Buffer.byteLength(response?.body ?? ''),
    });
  };
  return {
    before: ({ event }) => {
      startedAt.set(event, deps.clock.monotonicMillis());
    },
    after: record,
    onError: record,
  };
}
