import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MetricDimensions, MetricSink } from '#core/ports/metric-sink.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';
import { hasCode } from './contract-expectations.ts';

/** A sink, and a way to see what reached the place where it hands measurements over. */
export interface MetricSinkUnderTest {
  readonly sink: MetricSink;
  /** Sum of a counter for exactly these dimensions; undefined where it was never counted. */
  total(name: string, dimensions?: MetricDimensions): Promise<number | undefined>;
  /** Number and sum of the observations for exactly these dimensions. */
  observed(
    name: string,
    dimensions?: MetricDimensions,
  ): Promise<{ readonly count: number; readonly sum: number } | undefined>;
}

/** What every metric sink must do; the promises are in shared/core/ports/metric-sink.ts. */
export function describeMetricSink(subject: ContractSubject<MetricSinkUnderTest>): void {
  describeContract(subject, cases);
}

const cases: Record<string, ContractCase<MetricSinkUnderTest>> = {
  async 'adds up a counter'({ sink, total }) {
    const property = fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 1 }), async (amounts) => {
      const before = (await total('rows_total')) ?? 0;
      for (const amount of amounts) {
        sink.count('rows_total', amount);
      }
      await sink.flush();
      const sum = amounts.reduce((left, right) => left + right, 0);
      assert.equal(await total('rows_total'), before + sum);
    });
    await fc.assert(property, { numRuns: 20 });
  },

  async 'keeps each combination of dimensions apart'({ sink, total }) {
    sink.count('rows_total', 1);
    sink.count('rows_total', 2, { model: 'a' });
    sink.count('rows_total', 4, { lane: 'cpu' });
    sink.count('rows_total', 8, { model: 'a', lane: 'cpu' });
    sink.count('rows_total', 16, { model: 'b"\\\n', lane: 'cpu' });
    await sink.flush();

    assert.equal(await total('rows_total'), 1);
    assert.equal(await total('rows_total', { model: 'a' }), 2);
    assert.equal(await total('rows_total', { lane: 'cpu' }), 4);
    assert.equal(await total('rows_total', { model: 'a', lane: 'cpu' }), 8);
    assert.equal(await total('rows_total', { model: 'c' }), undefined);
  },

  async 'keeps number and sum of observations'({ sink, observed }) {
    for (const seconds of [0.25, 0.5, 0, 4]) {
      sink.observe('wait_seconds', seconds, { model: 'a' });
    }
    await sink.flush();

    assert.deepEqual(await observed('wait_seconds', { model: 'a' }), { count: 4, sum: 4.75 });
    assert.equal(await observed('wait_seconds'), undefined);
  },

  async 'refuses what is no measurement and keeps what it has'({ sink, total, observed }) {
    sink.count('rows_total', 1);
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => sink.count('rows_total', amount), hasCode('invalid_metric'));
    }
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => sink.observe('wait_seconds', value), hasCode('invalid_metric'));
    }
    await sink.flush();
    assert.equal(await total('rows_total'), 1);
    assert.equal(await observed('wait_seconds'), undefined);
  },

  async 'refuses names that do not follow Prometheus'({ sink }) {
    for (const name of ['', 'Rows_total', '1_total', 'rows-total', 'rows total', 'rows']) {
      assert.throws(() => sink.count(name, 1), hasCode('invalid_metric'), name);
    }
    for (const name of ['', 'wait seconds', 'wait_total']) {
      assert.throws(() => sink.observe(name, 1), hasCode('invalid_metric'), name);
    }
  },

  async 'flushes with nothing to hand over, and twice'({ sink, total }) {
    await sink.flush();
    sink.count('rows_total', 3);
    await sink.flush();
    await sink.flush();
    assert.equal(await total('rows_total'), 3);
  },
};
