import type { Clock } from '#core/ports/clock.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent, RouteMiddleware } from '../handler.ts';

/**
 * Counts inference requests and items and times them; failed ones too, without a model if unknown. Errors
 * are the service's own (5xx): a caller's mistakes must raise no alarm.
 */
export function inferMetrics(deps: {
  readonly metrics: MetricSink;
  readonly clock: Clock;
}): RouteMiddleware {
  const startedAt = new WeakMap<RouteEvent, number>();
  const record = (event: RouteEvent, error?: unknown): void => {
    const now = deps.clock.monotonicMillis();
    const { model, items } = event.notes ?? {};
    const dimensions = model === undefined ? { lane: 'cpu' } : { model, lane: 'cpu' };
    const seconds = (now - (startedAt.get(event) ?? now)) / 1000;
    deps.metrics.count('infer_requests_total', 1, dimensions);
    deps.metrics.count('infer_items_total', items ?? 0, dimensions);
    deps.metrics.observe('infer_request_duration_seconds', seconds, dimensions);
    if (isOurs(error)) deps.metrics.count('infer_errors_total', 1, dimensions);
  };
  return {
    before: ({ event }) => {
      startedAt.set(event, deps.clock.monotonicMillis());
    },
    after: ({ event }) => record(event),
    onError: ({ event, error }) => record(event, error),
  };
}

function isOurs(error: unknown): boolean {
  if (error === undefined || error === null) return false;
  return !(error instanceof SwitchyardError) || error.status >= 500;
}
