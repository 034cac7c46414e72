import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, describeSummary } from '../simulation/report-seeds.ts';
import { runSeed } from '../simulation/run-seed.ts';
import { runSeeds } from '../simulation/run-seeds.ts';

// A smaller dose of test/faults/simulation.fault.ts.
const DOSE = 300;

test('6.3 #27 the simulated orchestration keeps every promise whatever a seed does to it', async (t) => {
  const startedMillis = performance.now();

  const summary = await runSeeds({ firstSeed: 0, seeds: DOSE });

  t.diagnostic(describeSummary(summary, performance.now() - startedMillis));
  assert.deepEqual(summary.failures.map(describeFailure), []);
  assert.equal(summary.seeds, DOSE);
  // A dose that hurts nothing and ends nothing would prove nothing.
  for (const what of ['workers killed', 'zombies', 'servers crashed', 'requests: answerLost']) {
    assert.ok((summary.counts[what] ?? 0) > 50, `${what}: ${summary.counts[what]}`);
  }
  assert.ok((summary.ends['completed'] ?? 0) > DOSE / 2);
});

test('a seed of the simulation replays event by event', async () => {
  for (const seed of [3, 18, 34]) {
    const first = await runSeed(seed);
    const second = await runSeed(seed);

    assert.equal(second.traceHash, first.traceHash, `seed ${seed}`);
    assert.deepEqual(second.counts, first.counts);
  }
});

test('two seeds of the simulation are two runs', async () => {
  const hashes = await Promise.all([1, 2].map(async (seed) => (await runSeed(seed)).traceHash));

  assert.notEqual(hashes[0], hashes[1]);
});
