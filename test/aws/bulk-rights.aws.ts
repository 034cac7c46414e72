import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDropJob } from '#work/accept/create-drop-job.ts';
import { openJobService } from '#work/open-job-service.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { openBulkDeployment } from '../fixtures/aws/bulk-deployment.ts';
import { rowsOfCells } from '../fixtures/aws/local-results.ts';
import { createBuckets, s3Endpoint, type TestBuckets } from '../fixtures/aws/open-buckets.ts';
import { type Right, rightsOfJobs } from '../fixtures/aws/rights-of-jobs.ts';
import { type RightsProxy, startRightsProxy } from '../fixtures/aws/rights-proxy.ts';
import {
  countParts,
  readResults,
  startBulkJob,
  waitForStatus,
} from '../fixtures/aws/start-bulk-job.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// The emulator lets everybody do everything; AWS will not. Here every call of functions and workers is
// held against the statements of their roles, as the stacks write them.

/** What links of `POST /uploads` and tenants themselves write; the test does so through the same store. */
const tenantsMayWrite = {
  actions: ['s3:PutObject'],
  resources: ['data/uploads/*', 'data/inboxes/*'],
  prefixes: undefined,
};

test('functions and workers need no right in S3 that their roles do not have', async (t) => {
  const buckets = await createBuckets();
  const proxy = await openProxy(buckets, [...rightsOfJobs(), tenantsMayWrite]);
  const { ports, reconcile } = await openBulkDeployment(t, {
    ...{ buckets, endpoint: proxy.endpoint, slowMillisPerCell: 200 },
  });
  // After the deployment: what is under way there comes to its end first.
  t.after(() => proxy.close());
  const content = rowsOfCells(5, 16_384);
  const pools = [
    { lane: 'cpu-fleet' as const, workers: 2 },
    { lane: 'gpu-spot' as const, workers: 2 },
  ];

  const job = await startBulkJob(ports, content, { pools });
  await waitForStatus(ports, job, 'completed');
  assert.notEqual((await readResults(ports, job)).results, '');

  const dropKey = 'bucket/inboxes/acme/tiny-text/a.jsonl';
  await ports.objectStore.put(dropKey, Buffer.from(content));
  const version = (await ports.inputSnapshots.version(dropKey)) ?? '';
  const { job: dropped } = await createDropJob(ports, { key: dropKey, version });
  await reconcileJob(ports, dropped.id);
  await waitForStatus(ports, dropped, 'completed');
  assert.equal(dropped.output.prefix, 'bucket/outboxes/acme/tiny-text/a.jsonl/');

  const jobs = openJobService(ports, () => undefined);
  const other = await startBulkJob(ports, content, { pools });
  await waitUntil('a part', async () => (await countParts(ports, other)) > 0);
  const place = { tenant: 'local', jobId: other.id };
  await jobs.cancel(place);
  await reconcileJob(ports, other.id);
  await waitForStatus(ports, other, 'cancelled');
  await jobs.locate({ ...place, part: 'results', partial: true });
  await jobs.resume(place);
  await reconcileJob(ports, other.id);
  await waitForStatus(ports, other, 'completed');
  await jobs.list({ tenant: 'local', limit: 10 });
  await reconcile();

  t.diagnostic(`used: ${[...proxy.used].sort().join(', ')}`);
  assert.deepEqual([...new Set(proxy.refused)], []);
});

test('the check itself refuses what no role may do', async (t) => {
  const buckets = await createBuckets();
  const proxy = await openProxy(buckets, rightsOfJobs());
  t.after(() => proxy.close());
  const { ports } = await openBulkDeployment(t, { buckets, endpoint: proxy.endpoint });
  const forbidden = ['bucket/uploads/acme/1/a.jsonl', 'work/keys/a.json'];
  for (const key of forbidden) {
    await assert.rejects(ports.objectStore.put(key, Buffer.from('x')));
    await assert.rejects(ports.objectStore.delete(key));
  }
  await assert.rejects(ports.objectStore.read('bucket/lake/a.jsonl'));

  assert.deepEqual(proxy.refused, [
    's3:PutObject data/uploads/acme/1/a.jsonl',
    's3:DeleteObject data/uploads/acme/1/a.jsonl',
    's3:PutObject work/keys/a.json',
    's3:DeleteObject work/keys/a.json',
    's3:GetObject data/lake/a.jsonl',
  ]);
});

async function openProxy(buckets: TestBuckets, rights: readonly Right[]): Promise<RightsProxy> {
  const proxy = await startRightsProxy();
  proxy.aim(s3Endpoint());
  proxy.hold(buckets, rights);
  return proxy;
}
