import { MOST_BILLED_METRICS } from '#core/metrics/billed-metrics.ts';
import { checkCount, checkObservation } from '#core/metrics/check-measurement.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MetricDimensions, MetricSink } from '#core/ports/metric-sink.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export interface EmfMetricSinkOptions {
  /** CloudWatch namespace; one per deployment, or two in one account would add up. */
  readonly namespace: string;
  /** Measurements that become CloudWatch metrics, at most ten; others are mere fields of the line. */
  readonly billed: readonly string[];
  readonly clock: Clock;
  /**
   * Takes one line, without its end; resolves when the platform has it.
   *
   * @default - standard output
   */
  readonly write?: (line: string) => Promise<void>;
}

/** CloudWatch takes this many numbers per measurement in one line. */
const MOST_VALUES = 100;

interface Measurements {
  readonly dimensions: MetricDimensions;
  /** A sum for a counter, the observations otherwise. */
  readonly values: Map<string, number | number[]>;
}

/**
 * Writes measurements as log lines in CloudWatch's embedded metric format when flushed: no call, no
 * waiting, nothing to pay but the line. Throws `invalid_setting` for more than ten billed metrics.
 */
export function createEmfMetricSink(options: EmfMetricSinkOptions): MetricSink {
  const { billed, clock, write = writeToStdout } = options;
  if (new Set(billed).size > MOST_BILLED_METRICS) {
    throw new SwitchyardError(
      'invalid_setting',
      `${billed.length} metrics are to be billed, at most ${MOST_BILLED_METRICS} may be; each costs ` +
        'more than the function. Leave some as fields of the log line.',
    );
  }
  let recorded = new Map<string, Measurements>();

  function valuesOf(dimensions: MetricDimensions): Measurements['values'] {
    const key = JSON.stringify([dimensions.model, dimensions.lane]);
    const known = recorded.get(key) ?? { dimensions, values: new Map() };
    recorded.set(key, known);
    return known.values;
  }

  return {
    count(name, amount, dimensions = {}) {
      checkCount(name, amount);
      const values = valuesOf(dimensions);
      values.set(name, Number(values.get(name) ?? 0) + amount);
    },
    observe(name, value, dimensions = {}) {
      checkObservation(name, value);
      const values = valuesOf(dimensions);
      const earlier = values.get(name);
      if (Array.isArray(earlier)) earlier.push(value);
      else values.set(name, [value]);
    },
    async flush() {
      const taken = [...recorded.values()];
      recorded = new Map();
      const line = { ...options, epochMillis: clock.epochMillis() };
      for (const each of taken) {
        for (const fields of chunksOf(each.values)) {
          await write(JSON.stringify(emfDocument(each.dimensions, fields, line)));
        }
      }
    },
  };
}

type Fields = Readonly<Record<string, number | readonly number[]>>;

/** Splits long lists of observations over several lines; a counter's sum is in the first only. */
function chunksOf(values: Measurements['values']): Fields[] {
  const chunks: Record<string, number | readonly number[]>[] = [];
  for (const [name, value] of values) {
    const lists = Array.isArray(value) ? slices(value) : [value];
    for (const [at, list] of lists.entries()) {
      chunks[at] = { ...chunks[at], [name]: list };
    }
  }
  return chunks;
}

function slices(observations: readonly number[]): readonly (readonly number[])[] {
  const count = Math.ceil(observations.length / MOST_VALUES);
  return Array.from({ length: count }, (_, at) =>
    observations.slice(at * MOST_VALUES, (at + 1) * MOST_VALUES),
  );
}

function emfDocument(
  { model, lane }: MetricDimensions,
  fields: Fields,
  line: Pick<EmfMetricSinkOptions, 'namespace' | 'billed'> & { readonly epochMillis: number },
): unknown {
  const dimensions = {
    ...(model === undefined ? {} : { model }),
    ...(lane === undefined ? {} : { lane }),
  };
  const metrics = Object.keys(fields).filter((name) => line.billed.includes(name));
  const directive = {
    Namespace: line.namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: metrics.map((name) => ({ Name: name, Unit: unitOf(name) })),
  };
  return {
    _aws: {
      Timestamp: line.epochMillis,
      // A directive without a metric would be an error to CloudWatch.
      CloudWatchMetrics: metrics.length === 0 ? [] : [directive],
    },
    ...dimensions,
    ...fields,
  };
}

function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 'Seconds';
  if (name.endsWith('_bytes')) return 'Bytes';
  return name.endsWith('_total') ? 'Count' : 'None';
}

function writeToStdout(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
