import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { lostMillis } from '#core/jobs/attempt-record.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { mergeJob } from '#work/finish/merge-job.ts';
import type { Claimer } from '#work/worker/claim-unit.ts';
import { readPlan } from '#work/worker/plan-job.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  type MemoryDeployment,
  startMemoryDeployment,
} from '../../fixtures/life/memory-deployment.ts';
import {
  keysBelow,
  recordOf,
  rowsOf,
  settle,
  submitRows,
  textOf,
} from '../../fixtures/life/settle.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

const files = [outputFiles.results, outputFiles.errors, outputFiles.manifest, outputFiles.success];

async function finishedJob(deployment: MemoryDeployment) {
  const items: { text: unknown }[] = [...rowsOf(60), { text: 7 }];
  const { id } = await submitRows(deployment, items);
  const view = await settle(deployment, id);
  assert.equal(view.status, 'completed');
  return await recordOf(deployment, id);
}

/** Takes a completed job back to the moment before its merge. */
async function undoFinish({ ports }: MemoryDeployment, jobId: string, prefix: string) {
  await ports.objectStore.delete(jobKeys.end(jobId));
  for (const file of files) await ports.objectStore.delete(prefix + file);
}

/** A claimer that keeps nobody away, as one of a worker that was paused for a minute. */
const zombieClaimer: Pick<Claimer, 'tryClaim'> = {
  tryClaim: async (unit) => ({
    unit,
    lost: new AbortController().signal,
    release: async () => {},
    finish: async () => {},
  }),
};

const stores: Readonly<
  Record<string, (t: import('node:test').TestContext) => Promise<ObjectStore>>
> = {
  memory: async () => createMemoryObjectStore(),
  folder: async (t) => await openFolderObjectStore({ folder: await temporaryFolder(t) }),
};

for (const [kind, openStore] of Object.entries(stores)) {
  test(`8 finishers at once leave one _SUCCESS and the same bytes (${kind} store)`, async (t) => {
    const objectStore = await openStore(t);
    const deployment = startMemoryDeployment({ objectStore });
    const job = await finishedJob(deployment);
    const before = await Promise.all(
      files.map((file) => textOf(deployment, job.output.prefix + file)),
    );
    await undoFinish(deployment, job.id, job.output.prefix);
    const plan = (await readPlan(objectStore, job.id)) ?? assert.fail('there is no plan');

    const work = { job, plan, run: 0 };
    const ends = await Promise.all(
      Array.from({ length: 8 }, () => mergeJob(deployment.ports, work, zombieClaimer)),
    );

    assert.deepEqual(new Set(ends), new Set(['ended']));
    const keys = await keysBelow(deployment, job.output.prefix);
    assert.deepEqual(keys.sort(), files.map((file) => job.output.prefix + file).sort());
    const after = await Promise.all(
      files.map((file) => textOf(deployment, job.output.prefix + file)),
    );
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
    t.diagnostic(`8 finishers, ${keys.length} files, 1 _SUCCESS`);
  });
}

test('a manifest adds up, says what the output is made of and what was lost', async () => {
  const deployment = startMemoryDeployment();
  const job = await finishedJob(deployment);

  const manifest = JSON.parse(await textOf(deployment, job.output.prefix + outputFiles.manifest));

  assert.deepEqual(manifest.counts, { total: 61, completed: 60, failed: 1 });
  assert.equal(manifest.results.rows, 60);
  assert.match(manifest.results.sha256, /^[0-9a-f]{64}$/);
  assert.equal(manifest.model.sha256, job.modelSha256);
  assert.deepEqual([manifest.variants, manifest.providers], [['cpu-int8'], ['cpu']]);
  assert.equal(manifest.usage.attempts, job.workers);
  assert.equal(manifest.usage.lost_seconds, 0);
  // Nobody gave prices here.
  assert.equal(manifest.cost.usd, null);
  assert.ok(manifest.cost.basis.length > 0);
});

const damages: Readonly<Record<string, (store: ObjectStore, key: string) => Promise<void>>> = {
  'cut short': async (store, key) => {
    const bytes = (await store.read(key)) ?? new Uint8Array(0);
    await store.put(key, bytes.slice(0, bytes.length - 5));
  },
  'with a flipped bit in a result': async (store, key) => {
    const bytes = (await store.read(key)) ?? new Uint8Array(0);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await store.put(key, bytes);
  },
  'that vanished': (store, key) => store.delete(key),
};

for (const [name, damage] of Object.entries(damages)) {
  test(`a part ${name} is done again and the job completes`, async () => {
    const deployment = startMemoryDeployment();
    const job = await finishedJob(deployment);
    const results = job.output.prefix + outputFiles.results;
    const before = await textOf(deployment, results);
    await undoFinish(deployment, job.id, job.output.prefix);
    const { objectStore } = deployment.ports;
    await objectStore.put(jobKeys.active(job.id), new Uint8Array(0));
    const [, part] = await keysBelow(deployment, `work/jobs/${job.id}/parts/`);
    await damage(objectStore, part ?? assert.fail('there are no parts'));

    const view = await settle(deployment, job.id);

    assert.equal(view.status, 'completed');
    assert.deepEqual(view.counts, { total: 61, completed: 60, failed: 1 });
    assert.equal(await textOf(deployment, results), before);
    assert.equal((await keysBelow(deployment, jobKeys.repairs(job.id))).length, 1);
  });
}

test('a store that damages every part ends the job after three repairs', async () => {
  const healthy = createMemoryObjectStore();
  const objectStore: ObjectStore = {
    ...healthy,
    putIfAbsent: (key, body) =>
      healthy.putIfAbsent(key, key.includes('/parts/') ? body.subarray(0, body.length - 1) : body),
  };
  const deployment = startMemoryDeployment({ objectStore, workers: 1 });
  const { id } = await submitRows(deployment, rowsOf(5));

  const view = await settle(deployment, id);

  assert.equal(view.status, 'failed');
  assert.equal(view.error?.code, 'corrupt_object');
  assert.equal((await keysBelow(deployment, jobKeys.repairs(id))).length, 3);
});

test('an output that something else wrote is not taken for ours', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { id } = await submitRows(deployment, rowsOf(5));
  const { output } = await recordOf(deployment, id);
  const key = output.prefix + outputFiles.results;
  await deployment.ports.objectStore.put(key, Buffer.from('something else\n'));

  const view = await settle(deployment, id);

  assert.equal(view.status, 'failed');
  assert.equal(view.error?.code, 'corrupt_object');
  assert.equal(await textOf(deployment, key), 'something else\n');
});

test('lost time is what was computed twice, and for a killed attempt at most one cell', () => {
  const at = (second: number) => new Date(second * 1000).toISOString();
  const base = { submission: 's-1', arrayIndex: 0 };
  const killed = { ...base, attemptId: 'a1', attempt: 1, startedAt: at(0), end: undefined };
  const second = {
    ...base,
    attemptId: 'a2',
    attempt: 2,
    startedAt: at(10),
    end: { endedAt: at(20), modelMillis: 5_000 },
  };
  const running = { ...base, attemptId: 'a3', attempt: 3, startedAt: at(30), end: undefined };
  const committed = [
    { attemptId: 'a1', inferenceMillis: 2_000 },
    { attemptId: 'a1', inferenceMillis: 1_000 },
    { attemptId: 'a2', inferenceMillis: 4_000 },
  ];

  assert.equal(lostMillis([running], committed), 0, 'it may still run');
  assert.equal(lostMillis([second], committed), 1_000, 'computed 5 s, 4 s of it counted');
  assert.equal(lostMillis([killed, second], committed), 5_000, 'at most the longest cell, 4 s');
  assert.equal(lostMillis([killed, { ...second, startedAt: at(3.5) }], committed), 1_500);
});
