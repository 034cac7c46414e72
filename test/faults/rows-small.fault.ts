import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { killWithQueuedJobs } from '../fixtures/fault-rows/kill-queued.ts';
import { loadServer } from '../fixtures/fault-rows/load-server.ts';
import { resumeZombie } from '../fixtures/fault-rows/zombie-worker.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { undisturbedDigests } from '../fixtures/harness/spot-rehearsal.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

// The full doses are in test/faults/rows-*.fault.ts.

const seed = runSeed();
const random = seededRandom(seed);

test('6.3 #5 a worker that was stopped while a new server took over changes nothing', async (t) => {
  const options = { workers: 1, cellBytes: 8_192 } as const;
  const rowCount = 2_000;
  const undisturbed = await undisturbedDigests(rowCount, options);
  const slow = { ...options, env: { SWITCHYARD_SLOW_MILLIS_PER_CELL: '150' } };
  const first = await startSwitchyard(slow);
  t.after(() => first.dispose());

  const zombie = await resumeZombie(first, { rowCount, options: slow });
  t.after(() => zombie.server.dispose());

  assert.deepEqual(zombie.digests, undisturbed);
  t.diagnostic(
    `6.3 #5: ${zombie.stopped} processes stopped, gone after SIGCONT; ${rowCount} rows once`,
  );
});

test('6.3 #25 jobs survive kill -9 of everything, again and again, and damaged records', async (t) => {
  const report = await killWithQueuedJobs(t, { kills: 5, jobsPerKill: 2, random });
  t.diagnostic(
    `6.3 #25: seed ${seed}, ${report.kills} kills, ${report.damaged} damaged records, ` +
      `${report.jobs} accepted jobs, ${report.rows} rows; 0 lost`,
  );
});

test('6.3 #22 many clients, some slow, huge or gone, leave the server well', async (t: TestContext) => {
  const report = await loadServer(t, { requests: 2_000, connections: 300, random });
  t.diagnostic(`6.3 #22: seed ${seed}, ${JSON.stringify(report)}`);
});
