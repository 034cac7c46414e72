import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { createEmfMetricSink } from '#adapters/aws/emf-metric-sink.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { billedMetrics } from '#core/metrics/billed-metrics.ts';
import type { MetricDimensions } from '#core/ports/metric-sink.ts';
import { describeMetricSink } from './metric-sink.contract.ts';

interface EmfLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** Every value of a metric that CloudWatch would extract for exactly these dimensions. */
function extracted(lines: readonly EmfLine[], name: string, wanted: MetricDimensions): number[] {
  return lines.flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => {
      const [names = []] = Dimensions;
      const same =
        [...names].sort().join() === Object.keys(wanted).sort().join() &&
        Object.entries(wanted).every(([key, value]) => line[key] === value);
      if (!same || !Metrics.some(({ Name }) => Name === name)) return [];
      const value = line[name];
      return Array.isArray(value) ? value.map(Number) : [Number(value)];
    }),
  );
}

function openSink(billed: readonly string[] = ['rows_total', 'wait_seconds']) {
  const lines: EmfLine[] = [];
  const sink = createEmfMetricSink({
    namespace: 'Switchyard/test',
    billed,
    clock: systemClock,
    write: async (line) => {
      lines.push(JSON.parse(line));
    },
  });
  return { sink, lines };
}

const sumOf = (values: readonly number[]) => values.reduce((left, right) => left + right, 0);

describeMetricSink({
  name: 'the EMF metric sink',
  async open() {
    const { sink, lines } = openSink();
    return {
      sink,
      async total(name, dimensions = {}) {
        const values = extracted(lines, name, dimensions);
        return values.length === 0 ? undefined : sumOf(values);
      },
      async observed(name, dimensions = {}) {
        const values = extracted(lines, name, dimensions);
        return values.length === 0 ? undefined : { count: values.length, sum: sumOf(values) };
      },
    };
  },
});

test('the EMF metric sink writes one line per flush and combination, in units CloudWatch knows', async () => {
  const { sink, lines } = openSink(['rows_total', 'wait_seconds']);
  const before = Date.now();
  sink.count('rows_total', 2, { model: 'a', lane: 'cpu' });
  sink.count('rows_total', 3, { model: 'a', lane: 'cpu' });
  sink.observe('wait_seconds', 0.5, { model: 'a', lane: 'cpu' });
  sink.observe('queue_depth', 7, { model: 'a', lane: 'cpu' });
  await sink.flush();

  const [line = assert.fail('no line')] = lines;
  assert.equal(lines.length, 1);
  assert.ok(line._aws.Timestamp >= before && line._aws.Timestamp <= Date.now());
  const { _aws, ...fields } = line;
  assert.deepEqual(fields, {
    model: 'a',
    lane: 'cpu',
    rows_total: 5,
    wait_seconds: [0.5],
    queue_depth: [7],
  });
  assert.deepEqual(_aws.CloudWatchMetrics, [
    {
      Namespace: 'Switchyard/test',
      Dimensions: [['model', 'lane']],
      Metrics: [
        { Name: 'rows_total', Unit: 'Count' },
        { Name: 'wait_seconds', Unit: 'Seconds' },
      ],
    },
  ]);
});

test('the EMF metric sink splits what is too long for one line and counts it once', async () => {
  const { sink, lines } = openSink();
  sink.count('rows_total', 4);
  for (let at = 0; at < 250; at += 1) sink.observe('wait_seconds', at);
  await sink.flush();

  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok((line['wait_seconds'] as number[]).length <= 100);
  assert.deepEqual(
    extracted(lines, 'wait_seconds', {}),
    Array.from({ length: 250 }, (_, at) => at),
  );
  assert.deepEqual(extracted(lines, 'rows_total', {}), [4]);
});

test('the EMF metric sink bills ten metrics at most, and the product stays below', () => {
  const names = Array.from({ length: 11 }, (_, at) => `metric_${at}_total`);
  assert.throws(() => openSink(names), { code: 'invalid_setting', detail: /at most 10/ });
  openSink(names.slice(1));
  openSink(billedMetrics);
});

test('the EMF metric sink writes whole lines to standard output', async () => {
  const child = join(import.meta.dirname, '../fixtures/aws/emf-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 30_000 });

  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line): EmfLine => JSON.parse(line));
  assert.deepEqual(extracted(lines, 'rows_total', { model: 'a' }), [3]);
  assert.deepEqual(extracted(lines, 'rows_total', { model: 'b' }), [4]);
});
