import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openBulkDeployment } from '../fixtures/aws/bulk-deployment.ts';
import { localResults, rowsOfCells } from '../fixtures/aws/local-results.ts';
import { readResults, startBulkJob, waitForStatus } from '../fixtures/aws/start-bulk-job.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// Jobs that spot instances do not serve: the reconciler moves them to on-demand ones.

const cellBytes = 16_384;
const content = rowsOfCells(3, cellBytes);
let expected: Awaited<ReturnType<typeof localResults>>;

before(async () => {
  expected = await localResults(content, { model: 'tiny-text', cellBytes });
});

const queuesOf = (jobs: readonly { readonly jobQueue?: string | undefined }[]) =>
  jobs.map(({ jobQueue }) => jobQueue);

test('a deadline that leaves no time to wait for spot moves the job to on-demand', async (t) => {
  const { ports, standIn, reconcile } = await openBulkDeployment(t, { spotCapacity: 0 });
  const pools = [{ lane: 'gpu-spot' as const, workers: 2 }];
  const patient = await startBulkJob(ports, content, { pools, deadlineMs: 86_400_000 });
  const hurried = await startBulkJob(ports, content, { pools, deadlineMs: 300_000 });

  await reconcile();
  const [, first] = standIn.jobs();
  assert.equal(first?.status, 'FAILED');
  assert.match(first.statusReason ?? '', /^the job goes on in gpu-on-demand: the deadline/);
  await reconcile();

  await waitForStatus(ports, hurried, 'completed');
  assert.deepEqual(await readResults(ports, hurried), expected);
  assert.deepEqual(queuesOf(standIn.jobs()), ['spot', 'spot', 'on-demand']);
  await waitForStatus(ports, patient, 'queued');
});

test('a market that takes three instances per worker is left; a working one is kept', async (t) => {
  const { ports, standIn, reconcile } = await openBulkDeployment(t, {
    spotCapacity: 1,
    slowMillisPerCell: 1_500,
  });
  const pools = [{ lane: 'gpu-spot' as const, workers: 1 }];
  const job = await startBulkJob(ports, content, { pools });
  for (let losses = 1; losses <= 3; losses += 1) {
    await waitUntil('an instance', () => standIn.running().length === 1);
    await reconcile();
    assert.equal(standIn.jobs().length, 1, `kept after ${losses - 1} losses`);
    if (losses === 3) standIn.setCapacity('spot', 0);
    const [instance] = standIn.running();
    instance?.lose();
    await instance?.ended;
  }

  await reconcile();
  await reconcile();

  await waitForStatus(ports, job, 'completed');
  assert.deepEqual(await readResults(ports, job), expected);
  assert.deepEqual(queuesOf(standIn.jobs()), ['spot', 'on-demand']);
  assert.match(standIn.jobs()[0]?.statusReason ?? '', /3 spot instances were lost/);
});

test('an array of more workers than one call describes leaves spot too', async (t) => {
  const { ports, standIn, reconcile } = await openBulkDeployment(t, { spotCapacity: 0 });
  const pools = [{ lane: 'gpu-spot' as const, workers: 150 }];
  await startBulkJob(ports, content, { pools, deadlineMs: 300_000 });

  await reconcile();

  const [waiting] = standIn.jobs();
  assert.equal(waiting?.arrayProperties?.size, 150);
  assert.equal(waiting.status, 'FAILED');
  assert.match(waiting.statusReason ?? '', /^the job goes on in gpu-on-demand: the deadline/);
});
