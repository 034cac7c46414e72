import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWithQueuedJobs } from '../fixtures/fault-rows/kill-queued.ts';
import { stopNeighbour } from '../fixtures/fault-rows/stopped-neighbour.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { undisturbedDigests } from '../fixtures/harness/spot-rehearsal.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const seed = runSeed();
const random = seededRandom(seed);

test('6.3 #5 a stopped worker is taken over by its neighbour and wakes up to nothing', async (t) => {
  const options = { workers: 2, cellBytes: 8_192 } as const;
  const rowCount = 4_000;
  const undisturbed = await undisturbedDigests(rowCount, options);
  const env = { SWITCHYARD_SLOW_MILLIS_PER_CELL: '200' };
  const server = await startSwitchyard({ ...options, env });
  t.after(() => server.dispose());
  assert.deepEqual(await stopNeighbour(server, rowCount), undisturbed);
});

test('6.3 #25 jobs survive 30 kills of everything, each with damaged records', async (t) => {
  const report = await killWithQueuedJobs(t, { kills: 30, jobsPerKill: 1, random });
  t.diagnostic(`6.3 #25: seed ${seed}, ${JSON.stringify(report)}; 0 lost`);
});
