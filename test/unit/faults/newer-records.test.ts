import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { decodePartFooter, encodePart } from '#core/jobs/part-format.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { reconcileAll } from '#work/reconcile/reconcile-all.ts';
import type { MemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { keysBelow, serviceOf, settle, tenant, viewOf } from '../../fixtures/life/settle.ts';
import {
  bytesOf,
  filesOf,
  openDeployment,
  partKeys,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

type Kind = 'job.json' | 'plan.json' | 'a part';

const neverTold = { deliver: async () => assert.fail('nobody is told') } as never;

/** Rewrites a record of a job as a newer version would have written it. */
async function makeNewer(deployment: MemoryDeployment, jobId: string, kind: Kind): Promise<string> {
  const { objectStore } = deployment.ports;
  if (kind === 'a part') {
    const key = (await partKeys(deployment, jobId))[1] ?? assert.fail('no second part');
    const part = await bytesOf(deployment, key);
    const footer = decodePartFooter({ tail: part, sizeBytes: part.length, key });
    const results = part.subarray(0, footer.results.sizeBytes);
    const errors = part.subarray(results.length, results.length + footer.errors.sizeBytes);
    const newer = { ...footer, schema: 2 as unknown as 1, heat: 451 };
    await objectStore.put(key, encodePart({ results, errors, footer: newer }));
    return key;
  }
  const keys = {
    'job.json': [jobKeys.record(jobId)],
    'plan.json': [jobKeys.plan(jobId), jobKeys.planSummary(jobId)],
  }[kind];
  for (const key of keys) {
    const record = JSON.parse(new TextDecoder().decode(await bytesOf(deployment, key)));
    await objectStore.put(key, Buffer.from(JSON.stringify({ ...record, schema: 9, heat: 451 })));
  }
  return keys[0] ?? '';
}

/** A job whose cells are all committed, and which nobody has merged yet. */
async function halfDoneJob(deployment: MemoryDeployment): Promise<string> {
  const jobId = await submitJob(deployment, 'newer');
  await work(deployment, jobId);
  const { objectStore } = deployment.ports;
  for (const key of await keysBelow(deployment, 'bucket/outbox/')) await objectStore.delete(key);
  await objectStore.delete(jobKeys.end(jobId));
  return jobId;
}

async function snapshot(deployment: MemoryDeployment, jobId: string) {
  const keys = await keysBelow(deployment, `work/jobs/${jobId}/`);
  const kept = keys.filter((key) => /(job|plan)\.json$|\/parts\//.test(key));
  return await Promise.all(
    kept.map(async (key) => [key, Buffer.from(await bytesOf(deployment, key)).toString('hex')]),
  );
}

function isClear(error: unknown): boolean {
  assert.ok(error instanceof SwitchyardError, String(error));
  assert.match(error.detail, /version/);
  return true;
}

/** Three attempts of a worker and three rounds of the server; gives what the server was troubled by. */
async function tryOften(deployment: MemoryDeployment, jobId: string): Promise<unknown[]> {
  const troubles: unknown[] = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await assert.rejects(work(deployment, jobId, { attempt, generation: attempt }), isClear);
    await reconcileAll(deployment.ports, {
      notifier: neverTold,
      retentionMillis: 0,
      onTrouble: (error, id) => {
        if (id === jobId) troubles.push(error);
      },
    });
  }
  return troubles;
}

for (const kind of ['job.json', 'plan.json'] as const) {
  test(`6.3 #24 ${kind} of a newer version is refused and left alone, other jobs go on`, async () => {
    const deployment = openDeployment();
    const newer = await halfDoneJob(deployment);
    await makeNewer(deployment, newer, kind);
    const before = await snapshot(deployment, newer);
    const other = await submitJob(deployment);

    const troubles = await tryOften(deployment, newer);
    const view = await settle(deployment, other);

    assert.equal(view.status, 'completed');
    assert.deepEqual(await filesOf(deployment, other), await undisturbedFiles());
    assert.equal(troubles.filter(isClear).length, 3);
    await assert.rejects(viewOf(deployment, newer), isClear);
    const { jobs } = await serviceOf(deployment).list({ tenant, limit: 10 });
    const listed = jobs.map(({ id }) => id);
    assert.deepEqual(listed, [other]);
    assert.deepEqual(await snapshot(deployment, newer), before);
  });
}

test('6.3 #24 a part of a newer version fails the job, is left alone, and counts after a resume', async () => {
  const deployment = openDeployment();
  const jobId = await halfDoneJob(deployment);
  const whole = await snapshot(deployment, jobId);
  const key = await makeNewer(deployment, jobId, 'a part');
  const before = await snapshot(deployment, jobId);

  const { status, error } = await settle(deployment, jobId);

  assert.deepEqual([status, error?.code], ['failed', 'newer_version']);
  assert.match(error?.detail ?? '', /newer version.*resume/);
  assert.deepEqual(await snapshot(deployment, jobId), before, 'nothing was removed');
  const own = whole.find(([name]) => name === key)?.[1] ?? '';
  await deployment.ports.objectStore.put(key, Buffer.from(own, 'hex'));
  await serviceOf(deployment).resume({ tenant, jobId });
  assert.equal((await settle(deployment, jobId)).status, 'completed');
  assert.deepEqual(await filesOf(deployment, jobId), await undisturbedFiles('newer'));
});
