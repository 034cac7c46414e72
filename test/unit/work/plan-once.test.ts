import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Validation } from '#core/contract/job.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createJob } from '#work/accept/create-job.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import { mixedFile } from '../../fixtures/harness/mixed-rows.ts';
import { runSeed } from '../../fixtures/harness/random.ts';
import { startMemoryDeployment, testModel } from '../../fixtures/life/memory-deployment.ts';
import { tenant, textOf } from '../../fixtures/life/settle.ts';

/** Counts the bytes of the input that are read. */
function countReads(store: ObjectStore) {
  let bytes = 0;
  const isInput = (key: string) => /\/input(-\d+)?$/.test(key);
  const counted: ObjectStore = {
    ...store,
    async read(key, options) {
      const found = await store.read(key, options);
      if (isInput(key)) bytes += found?.length ?? 0;
      return found;
    },
    async *stream(key, options) {
      for await (const chunk of store.stream(key, options)) {
        if (isInput(key)) bytes += chunk.length;
        yield chunk;
      }
    },
  };
  return { store: counted, bytes: () => bytes };
}

async function plannedWith(name: string, content: Uint8Array) {
  const deployment = startMemoryDeployment({ workers: 1, cellBytes: 4_096 });
  const { objectStore } = deployment.ports;
  await objectStore.put(`bucket/uploads/${name}`, content);
  const body = { model: 'sst2-minilm', input: `s3://local/uploads/${name}`, options: {} };
  const { job } = await createJob(deployment.ports, { tenant, requestId: name, body });
  const { store, bytes } = countReads(objectStore);
  await runWorker({
    ...deployment.ports,
    objectStore: store,
    jobId: job.id,
    worker: { submission: `${job.id}-1`, arrayIndex: 0, attempt: 1, generation: 1 },
    arraySize: 1,
    openModel: async () => testModel(() => {}),
    drain: new AbortController().signal,
  });
  const plan = JSON.parse(await textOf(deployment, jobKeys.plan(job.id)));
  const errors = (await textOf(deployment, `${job.output.prefix}errors.jsonl`)).trimEnd();
  return {
    reads: bytes() / content.length,
    validation: plan.validation as Validation,
    errors: errors.split('\n').map((line) => JSON.parse(line)),
  };
}

const seed = runSeed();
const mixed = mixedFile(3_000, seed).content;
const csv = `id,text\n${Array.from({ length: 2_000 }, (_, at) =>
  at % 37 === 0 ? `r${at}\n` : `r${at},"text, ""${at}""\nsecond line"\n`,
).join('')}\n`;

for (const [name, content] of [
  ['rows.jsonl', mixed],
  ['rows.jsonl.gz', gzipSync(mixed)],
  ['rows.csv', Buffer.from(csv)],
  ['rows.csv.gz', gzipSync(csv)],
] as const) {
  test(`${name} is read once to plan and validate, and once to work`, async (t) => {
    const { reads, validation, errors } = await plannedWith(name, content);

    t.diagnostic(`seed ${seed}: read ${reads.toFixed(3)} times`);
    // A few bytes more tell gzip from other files.
    assert.ok(reads >= 2 && reads < 2.05, `read ${reads} times`);
    assert.equal(validation.errors, errors.length);
    assert.deepEqual(
      validation.first.map(({ line, code, detail }) => ({ line, code, detail })),
      errors.slice(0, 20).map(({ line, error: { code, detail } }) => ({ line, code, detail })),
    );
  });
}
