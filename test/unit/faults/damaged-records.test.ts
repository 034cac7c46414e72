import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { listActiveJobs, reconcileJob } from '#work/reconcile/reconcile-job.ts';
import {
  type MemoryDeployment,
  testModel,
  WorkerExit,
} from '../../fixtures/life/memory-deployment.ts';
import { keysBelow, settle, viewOf } from '../../fixtures/life/settle.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import {
  cutObject,
  filesOf,
  openDeployment,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

const expected = await undisturbedFiles();

/** A job whose server and worker died in the middle of its cells; its store is what is left. */
async function killedJob() {
  const store = createMemoryObjectStore();
  const before = openDeployment(store);
  const jobId = await submitJob(before);
  let calls = 0;
  const dying = testModel(() => {
    calls += 1;
    if (calls === 3) throw new WorkerExit(137);
  });
  const submission = `${jobId}-1`;
  const record = { name: submission, run: 0, workers: 1, generation: 1, committedCells: 0 };
  await store.putIfAbsent(jobKeys.submission(jobId, 1), Buffer.from(JSON.stringify(record)));
  await assert.rejects(work(before, jobId, { model: dying }));
  return { jobId, deployment: openDeployment(store) };
}

/** The newest record of that kind, cut at each of these shares of its length. */
async function cut(deployment: MemoryDeployment, prefix: string, share: number): Promise<string> {
  const key =
    (await keysBelow(deployment, prefix)).at(-1) ?? assert.fail(`nothing below ${prefix}`);
  await cutObject(deployment, key, share);
  return key;
}

const shares = [0, 0.1, 0.5, 0.9];

test('6.3 #25 a damaged record of a submission, an attempt or a finished shard loses no job', async (t) => {
  let damaged = 0;
  for (const share of shares) {
    for (const kind of ['submissions', 'attempts', 'done']) {
      const { jobId, deployment } = await killedJob();
      const key = await cut(deployment, `work/jobs/${jobId}/${kind}/`, share);
      damaged += 1;

      const { status } = await viewOf(deployment, jobId);
      const view = await settle(deployment, jobId);

      assert.deepEqual([status, view.status], ['running', 'completed'], key);
      assert.deepEqual(view.counts, { total: 40, completed: 39, failed: 1 });
      assert.deepEqual(await filesOf(deployment, jobId), expected);
    }
  }
  t.diagnostic(`6.3 #25: ${damaged} damaged records, 0 jobs lost`);
});

test('6.3 #25 a damaged claim is waited for as if its owner lived, then taken over', async () => {
  for (const share of shares) {
    const { jobId, deployment } = await killedJob();
    const claims = (await keysBelow(deployment, `work/jobs/${jobId}/claims/`)).filter((key) =>
      key.includes('shard-'),
    );
    const key = await cut(deployment, claims.at(-1) ?? '', share);

    assert.equal(await work(deployment, jobId, { attempt: 2 }), 'finished');

    const left = await keysBelow(deployment, key.slice(0, key.lastIndexOf('/') + 1));
    assert.ok(left.length > 1, 'it was taken over');
    assert.deepEqual(await filesOf(deployment, jobId), expected);
  }
});

test('6.3 #25 the active mark of a job that does not exist is removed and hurts no other', async () => {
  const { jobId, deployment } = await killedJob();
  const unknown = `job_${'0'.repeat(26)}`;
  await deployment.ports.objectStore.put(jobKeys.active(unknown), new Uint8Array(0));

  assert.equal(await reconcileJob(deployment.ports, unknown), 'gone');

  assert.deepEqual(await listActiveJobs(deployment.ports), [jobId]);
  assert.equal((await settle(deployment, jobId)).status, 'completed');
});
