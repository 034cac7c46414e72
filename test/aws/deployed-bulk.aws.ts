import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import type { JobView } from '#core/contract/job-view.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { JobPorts } from '#work/job-ports.ts';
import type { BatchStandIn } from '../fixtures/aws/batch-stand-in.ts';
import { createKey, openApi } from '../fixtures/aws/deployed-api.ts';
import { openDeployedBatch } from '../fixtures/aws/deployed-batch.ts';
import { openDeployedPorts } from '../fixtures/aws/deployed-ports.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { localResults, rowsOfCells } from '../fixtures/aws/local-results.ts';
import { runReconciler } from '../fixtures/aws/run-reconciler.ts';
import {
  committers,
  countParts,
  readResults,
  registerBulkJob,
  waitForStatus,
} from '../fixtures/aws/start-bulk-job.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// Bulk work as `cdk deploy` made it: the reconciler submits, the fleet function and AWS Batch work,
// events on the bus wake the finisher. AWS Batch itself is stood in for.

const model = 'sst2-minilm';
const cellBytes = 4_096;
const content = rowsOfCells(8, cellBytes);
const patience = { deadlineMillis: 300_000 };

let deployment: Deployment;
let expected: Awaited<ReturnType<typeof localResults>>;

before(async () => {
  deployment = await sharedDeployment();
  expected = await localResults(content, { model, cellBytes });
});

const reconcile = () => runReconciler(deployment);

async function open(
  context: TestContext,
  batch: { readonly spotCapacity: number; readonly slowMillisPerCell?: number },
) {
  const ports = await openDeployedPorts(context, deployment, { cellBytes });
  return { ports, ...(await openDeployedBatch(context, deployment, batch)) };
}

async function register(ports: JobPorts, pools: JobRecord['pools']): Promise<JobRecord> {
  const job = await registerBulkJob(ports, content, { model, pools });
  await reconcile();
  return job;
}

/** The finisher, and nobody else, takes a job off the active list. */
async function waitUntilTidied(ports: JobPorts, job: JobRecord): Promise<void> {
  await waitUntil(
    'the finisher ends the job',
    async () => (await ports.objectStore.head(jobKeys.active(job.id))) === undefined,
    patience,
  );
}

/** Other tests of the deployment may have jobs there too. */
function batchJobsOf(standIn: BatchStandIn, job: JobRecord) {
  return standIn.jobs().filter(({ jobName }) => jobName?.startsWith(job.id));
}

test('fleet functions and an array on AWS Batch that loses an instance: one job, same bytes', async (t) => {
  const { ports, standIn, refused } = await open(t, { spotCapacity: 2, slowMillisPerCell: 600 });
  const job = await register(ports, [
    { lane: 'gpu-spot', workers: 2 },
    { lane: 'cpu-fleet', workers: 1 },
  ]);
  await waitUntil('an instance', () => standIn.running().length === 2, patience);
  await waitUntil('the first part', async () => (await countParts(ports, job)) > 0, patience);

  standIn.running().at(-1)?.lose();

  await waitForStatus(ports, job, 'completed');
  assert.deepEqual(await readResults(ports, job), expected);
  await waitUntilTidied(ports, job);
  const workers = await committers(ports, job);
  t.diagnostic(
    `parts were committed by the workers ${[...workers].sort()} of 0, 1 (Batch), 2 (fleet)`,
  );
  assert.equal(batchJobsOf(standIn, job).length, 1);
  assert.equal(standIn.running().length, 0);
  assert.deepEqual(refused, []);
});

test('an array of AWS Batch alone is finished by its events', async (t) => {
  const { ports, standIn, refused } = await open(t, { spotCapacity: 2 });
  const job = await register(ports, [{ lane: 'gpu-spot', workers: 2 }]);

  await waitForStatus(ports, job, 'completed');
  await waitUntilTidied(ports, job);

  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal(batchJobsOf(standIn, job)[0]?.status, 'SUCCEEDED');
  assert.deepEqual(refused, []);
});

test('a fleet that is done while AWS Batch is RUNNABLE ends it at 0 instance-seconds', async (t) => {
  const { ports, standIn } = await open(t, { spotCapacity: 0 });
  const job = await register(ports, [
    { lane: 'cpu-fleet', workers: 3 },
    { lane: 'gpu-spot', workers: 2 },
  ]);

  await waitForStatus(ports, job, 'completed');
  await waitUntilTidied(ports, job);
  standIn.setCapacity('switchyard-spot', 2);

  assert.deepEqual(await readResults(ports, job), expected);
  assert.equal(batchJobsOf(standIn, job)[0]?.status, 'FAILED');
  assert.equal(batchJobsOf(standIn, job)[0]?.statusReason, 'the job is completed');
  assert.equal(standIn.instanceSeconds(), 0);
});

test('DELETE of a job that waits for AWS Batch ends the waiting', async (t) => {
  const { ports, standIn } = await open(t, { spotCapacity: 0 });
  const key = await createKey(deployment, ['--tenant', 'bulk']);
  const api = openApi(deployment, key.key);
  const pools = [{ lane: 'gpu-spot' as const, workers: 2 }];
  const job = await registerBulkJob(ports, content, { model, pools, tenant: 'bulk' });
  await reconcile();
  assert.equal(batchJobsOf(standIn, job)[0]?.status, 'PENDING');

  const answer = await api.call(`/jobs/${job.id}`, { method: 'DELETE' });

  assert.equal(answer.status, 200, answer.text);
  await waitUntil(
    'the job is cancelled',
    async () => {
      const view = (await api.call(`/jobs/${job.id}`)).json<JobView>();
      return view.status === 'cancelled';
    },
    patience,
  );
  assert.equal(batchJobsOf(standIn, job)[0]?.status, 'FAILED');
  assert.equal(standIn.instanceSeconds(), 0);
});
