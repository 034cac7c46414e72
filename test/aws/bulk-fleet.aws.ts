import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openBulkDeployment } from '../fixtures/aws/bulk-deployment.ts';
import { localResults, rowsOfCells } from '../fixtures/aws/local-results.ts';
import {
  countParts,
  readResults,
  startBulkJob,
  waitForStatus,
} from '../fixtures/aws/start-bulk-job.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// Jobs whose workers are calls of a function: the calls run out of time, and workers die.

const cellBytes = 16_384;
const content = rowsOfCells(8, cellBytes);
let expected: Awaited<ReturnType<typeof localResults>>;

before(async () => {
  expected = await localResults(content, { model: 'tiny-text', cellBytes });
});

const outcomesOf = (all: readonly string[]) => all.map((line) => line.split(' ').at(-1));

test('a call that runs out of time hands its work to a successor: same bytes, one submission', async (t) => {
  const { ports, fleetOutcomes } = await openBulkDeployment(t, {
    // Less than all cells in the time that a call has, more than one of them where starts are slow.
    slowMillisPerCell: 1_800,
    fleetCall: { callMillis: 18_000, lastMillis: 6_000 },
  });
  const job = await startBulkJob(ports, content, { pools: [{ lane: 'cpu-fleet', workers: 1 }] });

  await waitForStatus(ports, job, 'completed');

  assert.deepEqual(await readResults(ports, job), expected);
  await waitUntil('the last call ends', () => outcomesOf(fleetOutcomes).includes('succeeded'));
  assert.ok(outcomesOf(fleetOutcomes).includes('continued'), fleetOutcomes.join(', '));
  assert.ok(fleetOutcomes.every((line) => line.startsWith(`${job.id}-1 `)));
});

test('a worker that is killed inside a cell is followed by another one: same bytes', async (t) => {
  const { ports, fleetOutcomes, killLatest } = await openBulkDeployment(t, {
    slowMillisPerCell: 500,
  });
  const job = await startBulkJob(ports, content, { pools: [{ lane: 'cpu-fleet', workers: 1 }] });
  await waitUntil('a part', async () => (await countParts(ports, job)) > 1);

  killLatest();

  await waitForStatus(ports, job, 'completed');
  assert.deepEqual(await readResults(ports, job), expected);
  await waitUntil('the last call ends', () => fleetOutcomes.length === 2);
  assert.deepEqual(outcomesOf(fleetOutcomes), ['continued', 'succeeded']);
});
