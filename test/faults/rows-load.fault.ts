import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadServer } from '../fixtures/fault-rows/load-server.ts';
import { soak } from '../fixtures/fault-rows/soak.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { undisturbedDigests } from '../fixtures/harness/spot-rehearsal.ts';

const seed = runSeed();
const random = seededRandom(seed);

test('6.3 #22 more clients than the server takes at a time leave it well', async (t) => {
  const report = await loadServer(t, { requests: 24_000, connections: 600, random });
  t.diagnostic(`6.3 #22: seed ${seed}, ${JSON.stringify(report)}`);
});

test('6.3 #26 a large job through deaths of every kind has every row once', async (t) => {
  const rowCount = Number(process.env['SWITCHYARD_SOAK_ROWS'] ?? 150_000);
  const undisturbed = await undisturbedDigests(rowCount, { workers: 2, cellBytes: 65_536 });
  const disturbed = await soak(rowCount, random);
  assert.deepEqual(disturbed.digests, undisturbed);
  const struck = Object.values(disturbed.struck).reduce((sum, count) => sum + count, 0);
  assert.ok(struck > 0, 'nothing was hit');
  t.diagnostic(`6.3 #26: seed ${seed}, ${rowCount} rows, ${JSON.stringify(disturbed.struck)}`);
});
