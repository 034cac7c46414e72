import assert from 'node:assert/strict';
import test from 'node:test';
import { createPrometheusMetricSink } from '#adapters/local/prometheus-metric-sink.ts';
import type { MetricDimensions } from '#core/ports/metric-sink.ts';
import { describeMetricSink } from './metric-sink.contract.ts';

/** Value of one sample of the text format, whatever the order of its labels. */
function sampleOf(text: string, name: string, dimensions: MetricDimensions): number | undefined {
  const wanted = Object.entries(dimensions).map(([label, value]) => `${label}="${value}"`);
  for (const line of text.split('\n')) {
    const sample = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const labels = sample?.[2]?.split(',') ?? [];
    if (sample?.[1] === name && labels.sort().join() === wanted.sort().join()) {
      return Number(sample[3]);
    }
  }
  return undefined;
}

describeMetricSink({
  name: 'the Prometheus metric sink',
  async open() {
    const sink = createPrometheusMetricSink();
    return {
      sink,
      total: async (name, dimensions = {}) => sampleOf(await sink.render(), name, dimensions),
      async observed(name, dimensions = {}) {
        const text = await sink.render();
        const count = sampleOf(text, `${name}_count`, dimensions);
        const sum = sampleOf(text, `${name}_sum`, dimensions);
        return count && sum !== undefined ? { count, sum } : undefined;
      },
    };
  },
});

test('two Prometheus metric sinks of one process keep apart', async () => {
  const [one, other] = [createPrometheusMetricSink(), createPrometheusMetricSink()];
  one.count('rows_total', 1);
  assert.doesNotMatch(await other.render(), /rows_total/);
});

test('the Prometheus metric sink has buckets for answers of a millisecond', async () => {
  const sink = createPrometheusMetricSink();
  sink.observe('wait_seconds', 0.0009);
  const text = await sink.render();
  assert.match(text, /wait_seconds_bucket\{le="0.0005"\} 0/);
  assert.match(text, /wait_seconds_bucket\{le="0.001"\} 1/);
});
