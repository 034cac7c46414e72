import type { Clock } from '#core/ports/clock.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import type { RouteEvent, RouteMiddleware } from '../handler.ts';

/** Counts inference requests and items and times them; failed ones too, without a model if unknown. */
export function inferMetrics(deps: {
  readonly metrics: MetricSink;
  readonly clock: Clock;
}): RouteMiddleware {
  const startedAt = new WeakMap<RouteEvent, number>();
  const record = (event: RouteEvent): void => {
    const now = deps.clock.monotonicMillis();
    const { model, items } = event.notes ?? {};
    const dimensions = model === undefined ? { lane: 'cpu' } : { model, lane: 'cpu' };
    const seconds = (now - (startedAt.get(event) ?? now)) / 1000;
    deps.metrics.count('infer_requests_total', 1, dimensions);
    deps.metrics.count('infer_items_total', items ?? 0, dimensions);
    deps.metrics.observe('infer_request_duration_seconds', seconds, dimensions);
  };
  return {
    before: ({ event }) => {
      startedAt.set(event, deps.clock.monotonicMillis());
    },
    after: ({ event }) => record(event),
    onError: ({ event }) => record(event),
  };
}
