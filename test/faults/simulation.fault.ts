import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { describeFailure, describeSummary } from '../simulation/report-seeds.ts';
import { runSeedsInThreads } from '../simulation/run-seeds.ts';

const DOSE = 10_000;
const LIMIT_MILLIS = 300_000;

test('6.3 #27 10,000 seeds of the simulation keep every promise in under 5 minutes', async (t) => {
  const startedMillis = performance.now();

  const threads = Math.min(4, availableParallelism());
  const summary = await runSeedsInThreads({ firstSeed: 0, seeds: DOSE }, threads);

  const tookMillis = performance.now() - startedMillis;
  t.diagnostic(describeSummary(summary, tookMillis));
  assert.deepEqual(summary.failures.map(describeFailure), []);
  assert.equal(summary.seeds, DOSE);
  assert.ok(tookMillis < LIMIT_MILLIS, `it took ${(tookMillis / 1000).toFixed(0)} s`);
});
