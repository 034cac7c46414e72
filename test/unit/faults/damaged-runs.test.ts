import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { expireJobs } from '#work/finish/expire-jobs.ts';
import { listActiveJobs, reconcileJob } from '#work/reconcile/reconcile-job.ts';
import {
  type MemoryDeployment,
  testModel,
  WorkerExit,
} from '../../fixtures/life/memory-deployment.ts';
import { keysBelow, serviceOf, settle, tenant, viewOf } from '../../fixtures/life/settle.ts';
import {
  cutObject,
  filesOf,
  openDeployment,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

// A `runs/{n}` that cannot be read says neither whether the job was resumed nor whether its work was
// given up for removal; what lies beside it does.

const expected = await undisturbedFiles();
const shares = [0, 0.1, 0.5, 0.9];
const dayMillis = 86_400_000;

/** A job that was cancelled in the middle of its cells. */
async function cancelledJob(deployment: MemoryDeployment): Promise<string> {
  const jobId = await submitJob(deployment);
  let calls = 0;
  const model = testModel(() => {
    calls += 1;
    if (calls === 3) throw new WorkerExit(137);
  });
  await assert.rejects(work(deployment, jobId, { model }));
  await serviceOf(deployment).cancel({ tenant, jobId });
  assert.equal((await settle(deployment, jobId)).status, 'cancelled');
  return jobId;
}

test('6.3 #25 a resumed job whose run cannot be read goes on, and shows its end afterwards', async () => {
  for (const share of shares) {
    const deployment = openDeployment();
    const jobId = await cancelledJob(deployment);
    await serviceOf(deployment).resume({ tenant, jobId });
    await cutObject(deployment, jobKeys.run(jobId, 1), share);

    const before = await viewOf(deployment, jobId);
    const end = await settle(deployment, jobId);

    assert.ok(['queued', 'running'].includes(before.status), before.status);
    assert.deepEqual([end.status, end.resumes], ['completed', 1]);
    assert.deepEqual(await filesOf(deployment, jobId), expected);
    assert.deepEqual(await viewOf(deployment, jobId), end);
    assert.deepEqual(await listActiveJobs(deployment.ports), []);
  }
});

test('6.3 #25 a removal whose record cannot be read is finished; the job is not resumed', async () => {
  for (const share of shares) {
    const deployment = openDeployment();
    const jobId = await cancelledJob(deployment);
    const limits = { retentionMillis: 7 * dayMillis };
    deployment.advance(8 * dayMillis);
    // Cut off after its first object.
    await expireJobs(deployment.ports, { ...limits, maxRemovals: 1 });
    await cutObject(deployment, jobKeys.run(jobId, 1), share);

    const view = await viewOf(deployment, jobId);
    const resume = serviceOf(deployment).resume({ tenant, jobId });
    await assert.rejects(resume, { code: 'job_not_resumable' });
    await reconcileJob(deployment.ports, jobId);
    deployment.advance(dayMillis);
    await expireJobs(deployment.ports, limits);

    assert.equal(view.status, 'cancelled');
    assert.deepEqual(await listActiveJobs(deployment.ports), []);
    assert.deepEqual(await keysBelow(deployment, `work/jobs/${jobId}/`), []);
    await assert.rejects(viewOf(deployment, jobId), { code: 'job_not_found' });
  }
});
