import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { expireJobs } from '#work/finish/expire-jobs.ts';
import { reconcileAll } from '#work/reconcile/reconcile-all.ts';
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

const expected = await undisturbedFiles();
const shares = [0, 0.1, 0.5, 0.9];
const dayMillis = 86_400_000;
const notifier = { post: async () => ({ delivered: true }) as const };

/** A job whose worker died in the middle of its cells. */
async function halfDone(deployment: MemoryDeployment): Promise<string> {
  const jobId = await submitJob(deployment);
  let calls = 0;
  const model = testModel(() => {
    calls += 1;
    if (calls === 3) throw new WorkerExit(137);
  });
  await assert.rejects(work(deployment, jobId, { model }));
  return jobId;
}

test('6.3 #25 a damaged plan is made again, and what was committed counts', async () => {
  for (const share of shares) {
    for (const names of [
      ['plan.json'],
      ['plan.json', 'plan-summary.json'],
      ['plan-summary.json'],
    ]) {
      const deployment = openDeployment();
      const jobId = await halfDone(deployment);
      const parts = (await keysBelow(deployment, `work/jobs/${jobId}/parts/`)).length;
      for (const name of names) await cutObject(deployment, `work/jobs/${jobId}/${name}`, share);

      const view = await settle(deployment, jobId);

      assert.ok(parts > 0);
      assert.deepEqual(view.counts, { total: 40, completed: 39, failed: 1 });
      assert.deepEqual(await filesOf(deployment, jobId), expected);
    }
  }
});

test('6.3 #25 the damaged end of a completed job still shows it as completed', async () => {
  for (const share of shares) {
    const deployment = openDeployment();
    const jobId = await submitJob(deployment);
    await settle(deployment, jobId);
    await cutObject(deployment, jobKeys.end(jobId), share);

    const view = await viewOf(deployment, jobId);

    assert.deepEqual([view.status, view.error], ['completed', null]);
    assert.deepEqual(view.counts, { total: 40, completed: 39, failed: 1 });
  }
});

test('6.3 #25 the damaged end of another job shows it as failed, and a resume cures that', async () => {
  for (const share of shares) {
    const deployment = openDeployment();
    const jobId = await halfDone(deployment);
    await serviceOf(deployment).cancel({ tenant, jobId });
    assert.equal((await settle(deployment, jobId)).status, 'cancelled');
    await cutObject(deployment, jobKeys.end(jobId), share);

    const { status, error } = await viewOf(deployment, jobId);
    await serviceOf(deployment).resume({ tenant, jobId });
    const view = await settle(deployment, jobId);

    assert.deepEqual([status, error?.code], ['failed', 'corrupt_object']);
    assert.match(error?.detail ?? '', /resume it/);
    assert.equal(view.status, 'completed');
    assert.deepEqual(await filesOf(deployment, jobId), expected);
  }
});

test('6.3 #25 a job with a damaged record is ended, told, and removed after the retention', async () => {
  for (const share of shares) {
    const deployment = openDeployment();
    const jobId = await halfDone(deployment);
    const other = await submitJob(deployment, 'another key');
    await cutObject(deployment, jobKeys.record(jobId), share);

    assert.equal(await reconcileJob(deployment.ports, jobId), 'ended');
    assert.deepEqual(await listActiveJobs(deployment.ports), [other]);
    await assert.rejects(viewOf(deployment, jobId), (error) => {
      assert.ok(error instanceof SwitchyardError && error.code === 'corrupt_object');
      assert.match(error.detail, /damaged.*stopped.*Submit it again/);
      return true;
    });

    const limits = { retentionMillis: 7 * dayMillis };
    deployment.advance(dayMillis);
    await expireJobs(deployment.ports, limits);
    assert.ok((await keysBelow(deployment, `work/jobs/${jobId}/`)).length > 0, 'not yet');
    deployment.advance(7 * dayMillis);
    await expireJobs(deployment.ports, limits);
    assert.deepEqual(await keysBelow(deployment, `work/jobs/${jobId}/`), []);
    const left = await keysBelow(deployment, 'work/');
    assert.ok(!left.some((key) => key.includes(jobId) && !key.startsWith('work/outputs/')), 'gone');
    assert.equal((await settle(deployment, other)).status, 'completed');
  }
});

test('a failed listing does not end a round: what was listed is looked at, ended jobs are tended', async () => {
  const deployment = openDeployment();
  const jobId = await submitJob(deployment);
  const { objectStore } = deployment.ports;
  const troubles: unknown[] = [];
  const failing: typeof objectStore = {
    ...objectStore,
    async *list(prefix, options) {
      yield* objectStore.list(prefix, options);
      if (prefix === jobKeys.actives) throw new Error('SlowDown');
    },
  };
  const ports = { ...deployment.ports, objectStore: failing };

  const round = await reconcileAll(ports, {
    notifier,
    retentionMillis: dayMillis,
    onTrouble: (error) => troubles.push(error),
  });

  assert.deepEqual([round.active, round.submitted, troubles.length], [1, 1, 1]);
  await deployment.queue.idle();
  assert.equal((await settle(deployment, jobId)).status, 'completed');
});
