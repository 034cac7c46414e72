import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openJobService } from '#work/open-job-service.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { readAttempts } from '#work/worker/record-attempt.ts';
import { openBulkDeployment } from '../fixtures/aws/bulk-deployment.ts';
import { localResults, rowsOfCells } from '../fixtures/aws/local-results.ts';
import {
  committers,
  countParts,
  readResults,
  registerBulkJob,
  startBulkJob,
  waitForStatus,
} from '../fixtures/aws/start-bulk-job.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// Jobs on the fleet and on AWS Batch at once, with S3 emulated, AWS Batch stood in for, and the
// workers real. The functions run in this process; deployed-bulk.aws.ts has them deployed.

const cellBytes = 16_384;
const content = rowsOfCells(8, cellBytes);
let expected: Awaited<ReturnType<typeof localResults>>;

before(async () => {
  expected = await localResults(content, { model: 'tiny-text', cellBytes });
});

test('an array job that loses an instance ends with the bytes of the local run', async (t) => {
  const { ports, standIn } = await openBulkDeployment(t, { slowMillisPerCell: 800 });
  const job = await startBulkJob(ports, content, { pools: [{ lane: 'gpu-spot', workers: 2 }] });
  await waitUntil('the first part', async () => (await countParts(ports, job)) > 0);

  standIn.running().at(-1)?.lose();

  await waitForStatus(ports, job, 'completed');
  assert.deepEqual(await readResults(ports, job), expected);
  const state = await ports.jobQueue.describe(`${job.id}-1`);
  const reasons = state?.workers?.flatMap(({ attempts }) =>
    attempts.map(({ statusReason }) => statusReason),
  );
  assert.equal(reasons?.filter((reason) => /^Host EC2 \(instance i-/.test(reason)).length, 1);
  assert.equal(standIn.jobs().length, 1);
});

test('three workers of the fleet and an array of two share eight shards: one job, same bytes', async (t) => {
  // So slow that the last of five processes has started before the cells run out.
  const { ports, standIn } = await openBulkDeployment(t, { slowMillisPerCell: 2_000 });
  const job = await startBulkJob(ports, content, {
    pools: [
      { lane: 'cpu-fleet', workers: 3 },
      { lane: 'gpu-spot', workers: 2 },
    ],
  });

  await waitForStatus(ports, job, 'completed');

  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal(await countParts(ports, job), 8);
  const workers = await committers(ports, job);
  assert.ok(
    [0, 1, 2].some((index) => workers.has(index)),
    'the fleet took part',
  );
  assert.ok(
    [3, 4].some((index) => workers.has(index)),
    'AWS Batch took part',
  );
  // The books say where each attempt ran, so that it is priced as that.
  for (const { arrayIndex, lane } of await readAttempts(ports.objectStore, job.id)) {
    assert.equal(lane, arrayIndex < 3 ? 'cpu-fleet' : 'gpu-spot');
  }
  assert.equal(standIn.jobs().length, 1);
});

test('a fleet that ends while AWS Batch waits for capacity ends the waiting too, for nothing', async (t) => {
  const { ports, standIn } = await openBulkDeployment(t, { spotCapacity: 0 });
  const job = await startBulkJob(ports, content, {
    pools: [
      { lane: 'cpu-fleet', workers: 3 },
      { lane: 'gpu-spot', workers: 2 },
    ],
  });

  await waitForStatus(ports, job, 'completed');
  await waitUntil('AWS Batch is told', () => standIn.jobs()[0]?.status === 'FAILED');
  standIn.setCapacity('spot', 2);

  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal(standIn.jobs()[0]?.statusReason, 'the job is completed');
  assert.equal(standIn.running().length, 0);
  assert.equal(standIn.instanceSeconds(), 0);
});

test('AWS Batch that ends first stops the calls of the fleet that still wait', async (t) => {
  // One worker of the fleet at a time: two calls wait, as behind a reserved concurrency.
  const { ports, standIn } = await openBulkDeployment(t, {
    slowMillisPerCell: 200,
    fleetWorkers: 1,
  });
  const job = await startBulkJob(ports, content, {
    pools: [
      { lane: 'gpu-spot', workers: 2 },
      { lane: 'cpu-fleet', workers: 3 },
    ],
  });

  await waitForStatus(ports, job, 'completed');

  await waitUntil('nothing of the job runs', async () => {
    const state = await ports.jobQueue.describe(`${job.id}-1`);
    return state?.status !== 'running' && state?.status !== 'queued';
  });
  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal(standIn.running().length, 0);
});

test('a cancelled job stops its workers in every lane and keeps what they committed', async (t) => {
  const { ports, standIn, fleetOutcomes } = await openBulkDeployment(t, {
    slowMillisPerCell: 1_000,
    fleetWorkers: 2,
  });
  const job = await startBulkJob(ports, content, {
    pools: [
      { lane: 'cpu-fleet', workers: 2 },
      { lane: 'gpu-spot', workers: 2 },
    ],
  });
  await waitUntil('the first part', async () => (await countParts(ports, job)) > 0);
  const jobs = openJobService(ports, () => undefined);

  const cancelling = await jobs.cancel({ tenant: 'local', jobId: job.id });

  assert.equal(cancelling.status, 'cancelling');
  assert.equal(await reconcileJob(ports, job.id), 'ended');
  const view = await waitForStatus(ports, job, 'cancelled');
  assert.ok(
    view.counts.completed > 0 && view.counts.completed < expected.results.split('\n').length,
  );
  assert.equal(standIn.running().length, 0);
  await waitUntil('the fleet has ended', () => fleetOutcomes.length >= 2);
  const lines = await jobs.locate({
    ...{ tenant: 'local', jobId: job.id, part: 'results', partial: true },
  });
  assert.equal(lines.isComplete, false);
});

test('the schedule repairs a job whose every event was lost', async (t) => {
  const { ports, standIn, reconcile } = await openBulkDeployment(t, {
    eventsArrive: false,
    spotCapacity: 0,
  });
  // Nobody looked at it after it was made.
  const job = await registerBulkJob(ports, content, {
    pools: [
      { lane: 'cpu-fleet', workers: 2 },
      { lane: 'gpu-spot', workers: 2 },
    ],
  });
  assert.equal((await reconcile()).submitted, 1);
  await waitForStatus(ports, job, 'completed');
  assert.equal(standIn.jobs()[0]?.status, 'PENDING');

  const round = await reconcile();

  assert.deepEqual([round.active, round.ended, round.troubled], [1, 1, 0]);
  assert.equal(standIn.jobs()[0]?.status, 'FAILED');
  assert.equal(standIn.instanceSeconds(), 0);
  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal((await reconcile()).active, 0);
});
