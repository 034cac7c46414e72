import { Counter, Histogram, Registry } from 'prom-client';
import { checkCount, checkObservation } from '#core/metrics/check-measurement.ts';
import { metricHelp } from '#core/metrics/metric-help.ts';
import type { MetricDimensions, MetricSink } from '#core/ports/metric-sink.ts';

const labelNames = ['model', 'lane'] as const;
type Label = (typeof labelNames)[number];

// From half a millisecond (a warm short text) to a minute (the longest synchronous answer is 29 s).
const secondsBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const amountBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000];

export interface PrometheusMetricSink extends MetricSink {
  /** Everything recorded so far in the Prometheus text format, for GET /metrics. */
  render(): Promise<string>;
}

/**
 * Keeps measurements in memory until a scraper asks, so `flush` has nothing to do. A counter's name
 * ends in `_total`; one name is either a counter or a distribution: else `invalid_metric`.
 */
export function createPrometheusMetricSink(): PrometheusMetricSink {
  // Not prom-client's global registry: two servers in one process keep apart.
  const registry = new Registry();
  const counters = new Map<string, Counter<Label>>();
  const histograms = new Map<string, Histogram<Label>>();

  function counterOf(name: string): Counter<Label> {
    const known = counters.get(name);
    if (known !== undefined) {
      return known;
    }
    const counter = new Counter({
      name,
      help: metricHelp(name),
      labelNames,
      registers: [registry],
    });
    counters.set(name, counter);
    return counter;
  }

  function histogramOf(name: string): Histogram<Label> {
    const known = histograms.get(name);
    if (known !== undefined) {
      return known;
    }
    const buckets = name.endsWith('_seconds') ? secondsBuckets : amountBuckets;
    const settings = { name, help: metricHelp(name), labelNames, buckets, registers: [registry] };
    const histogram = new Histogram(settings);
    histograms.set(name, histogram);
    return histogram;
  }

  return {
    count(name, amount, dimensions = {}) {
      checkCount(name, amount);
      counterOf(name).inc(labelsOf(dimensions), amount);
    },
    observe(name, value, dimensions = {}) {
      checkObservation(name, value);
      histogramOf(name).observe(labelsOf(dimensions), value);
    },
    flush: () => Promise.resolve(),
    render: () => registry.metrics(),
  };
}

function labelsOf({ model, lane }: MetricDimensions): Partial<Record<Label, string>> {
  return { ...(model === undefined ? {} : { model }), ...(lane === undefined ? {} : { lane }) };
}
