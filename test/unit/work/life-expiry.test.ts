import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createDropJob } from '#work/accept/create-drop-job.ts';
import { expireJobs } from '#work/finish/expire-jobs.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { decideNextRun } from '#work/records/read-run.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import {
  keysBelow,
  recordOf,
  rowsOf,
  serviceOf,
  settle,
  submitRows,
  tenant,
  viewOf,
} from '../../fixtures/life/settle.ts';

const day = 86_400_000;
const limits = { retentionMillis: 30 * day };

async function cancelledJob(deployment: ReturnType<typeof startMemoryDeployment>) {
  const { id } = await submitRows(deployment, rowsOf(20));
  await serviceOf(deployment).cancel({ tenant, jobId: id });
  assert.equal((await settle(deployment, id)).status, 'cancelled');
  return id;
}

test('a completed job loses its work soon and is forgotten after the retention; results stay', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports } = deployment;
  const { id } = await submitRows(deployment, rowsOf(40));
  const before = await settle(deployment, id);
  const { output } = await recordOf(deployment, id);

  assert.equal(await expireJobs(ports, limits), 0, 'nothing at once: links may be in use');
  deployment.advance(day / 24);
  let steps = 0;
  while ((await expireJobs(ports, { ...limits, maxRemovals: 5 })) > 0) steps += 1;

  assert.ok(steps > 1, 'in small steps');
  assert.deepEqual(await keysBelow(deployment, `work/jobs/${id}/parts/`), []);
  assert.deepEqual(await keysBelow(deployment, `work/jobs/${id}/input`), []);
  assert.deepEqual(await viewOf(deployment, id), before, 'it still answers');
  deployment.advance(31 * day);
  await expireJobs(ports, limits);
  assert.deepEqual(await keysBelow(deployment, `work/jobs/${id}/`), []);
  assert.deepEqual(await keysBelow(deployment, jobKeys.expiries), []);
  assert.deepEqual((await serviceOf(deployment).list({ tenant, limit: 10 })).jobs, []);
  const kept = (await keysBelow(deployment, output.prefix)).map((key) => key.split('/').at(-1));
  assert.ok(kept.includes(outputFiles.results) && kept.includes(outputFiles.success));
});

test('a cancelled job can be resumed until the retention is over, and then no more', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const id = await cancelledJob(deployment);
  const other = await cancelledJob(deployment);

  deployment.advance(29 * day);
  await expireJobs(deployment.ports, limits);
  await serviceOf(deployment).resume({ tenant, jobId: id });
  deployment.advance(2 * day);
  await expireJobs(deployment.ports, limits);

  assert.equal((await settle(deployment, id)).status, 'completed');
  await assert.rejects(viewOf(deployment, other), { code: 'job_not_found' });
});

test('of a resume and a removal at the same time one wins, and a resumed job keeps its work', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  for (let at = 0; at < 20; at += 1) {
    const id = await cancelledJob(deployment);
    deployment.advance(31 * day);
    const [, resumed] = await Promise.allSettled([
      expireJobs(deployment.ports, limits),
      serviceOf(deployment).resume({ tenant, jobId: id }),
    ]);
    if (resumed.status === 'fulfilled') {
      assert.equal((await settle(deployment, id)).status, 'completed');
    } else {
      await reconcileJob(deployment.ports, id);
      await expireJobs(deployment.ports, limits);
      assert.deepEqual(await keysBelow(deployment, `work/active/${id}`), []);
      assert.deepEqual(await keysBelow(deployment, `work/jobs/${id}/`), []);
    }
  }
});

test('a job whose removal has been decided refuses a resume', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const id = await cancelledJob(deployment);
  await decideNextRun(deployment.ports, { jobId: id, run: 1, kind: 'expired' });

  const resumed = serviceOf(deployment).resume({ tenant, jobId: id });

  await assert.rejects(resumed, (error) => {
    assert.ok(error instanceof SwitchyardError);
    return error.code === 'job_not_resumable';
  });
  assert.equal((await viewOf(deployment, id)).status, 'cancelled');
});

test('a drop whose file still lies in the drop zone is not forgotten, so it never runs again', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports } = deployment;
  const key = 'bucket/inbox/sst2-minilm/a.jsonl';
  await ports.objectStore.put(key, Buffer.from('{"text":"fine"}\n'));
  const version = (await ports.objectStore.head(key))?.etag ?? '';
  const { job } = await createDropJob(ports, { key, version });
  await settle(deployment, job.id);

  deployment.advance(31 * day);
  await expireJobs(ports, limits);
  const seenAgain = await createDropJob(ports, { key, version });
  assert.equal(seenAgain.created, false);
  await ports.objectStore.delete(key);
  deployment.advance(2 * day);
  await expireJobs(ports, limits);

  assert.deepEqual(await keysBelow(deployment, `work/jobs/${job.id}/`), []);
});
