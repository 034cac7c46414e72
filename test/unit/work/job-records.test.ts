import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { openJobService } from '#work/open-job-service.ts';
import { putJobRecord, readJobHead, readJobRecord } from '#work/records/job-records.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { recordOf, rowsOf, settle, submitRows, tenant } from '../../fixtures/life/settle.ts';

const otherId = `job_${'7'.repeat(26)}`;

/** A job as if its rows were in that many files. */
async function jobOfFiles(count: number) {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { id } = await submitRows(deployment, rowsOf(4));
  const job = await recordOf(deployment, id);
  const [file] = job.input.files;
  assert.ok(file !== undefined);
  const files = Array.from({ length: count }, (_, at) => ({ ...file, name: `part-${at}.jsonl` }));
  const record: JobRecord = { ...job, id: otherId, input: { ...job.input, files } };
  return { deployment, record };
}

function counting(store: ObjectStore) {
  const cost = { reads: 0, bytes: 0 };
  const counted: ObjectStore = {
    ...store,
    async read(key, options) {
      const bytes = await store.read(key, options);
      cost.reads += 1;
      cost.bytes += bytes?.length ?? 0;
      return bytes;
    },
  };
  return { counted, cost };
}

test('describing a job of 10,000 files reads kilobytes, and its workers still get every file', async () => {
  const { deployment, record } = await jobOfFiles(10_000);
  const { objectStore } = deployment.ports;
  assert.equal(await putJobRecord(objectStore, record), true);
  const { counted, cost } = counting(objectStore);
  const service = openJobService({ ...deployment.ports, objectStore: counted }, () => {});

  const view = await service.describe({ tenant, jobId: otherId });

  assert.deepEqual([view.id, view.status], [otherId, 'queued']);
  assert.ok(cost.bytes < 4_096, `${cost.bytes} bytes in ${cost.reads} reads`);
  assert.deepEqual(await readJobRecord(objectStore, otherId), record);
});

test('asking again for a running job reads what is new only', async () => {
  const { deployment } = await jobOfFiles(1);
  const { id } = await submitRows(deployment, rowsOf(400));
  await settle(deployment, id);
  // As if the end had not come: every shard is done, nothing is new.
  await deployment.ports.objectStore.delete(jobKeys.end(id));
  const { counted, cost } = counting(deployment.ports.objectStore);
  const service = openJobService({ ...deployment.ports, objectStore: counted }, () => {});

  const first = await service.describe({ tenant, jobId: id });
  const readsOfFirst = cost.reads;
  const second = await service.describe({ tenant, jobId: id });

  assert.deepEqual(second.counts, first.counts);
  assert.deepEqual(first.counts, { total: 400, completed: 400, failed: 0 });
  assert.ok(readsOfFirst > 20, `${readsOfFirst} reads, one per shard`);
  assert.ok(cost.reads - readsOfFirst < 8, `${cost.reads - readsOfFirst} reads the second time`);
});

test('a record that holds all its files, as earlier versions wrote it, stays readable', async () => {
  const { deployment, record } = await jobOfFiles(200);
  const { objectStore } = deployment.ports;
  await objectStore.put(jobKeys.record(otherId), Buffer.from(JSON.stringify(record)));

  const head = await readJobHead(objectStore, otherId);

  assert.deepEqual(await readJobRecord(objectStore, otherId), record);
  assert.deepEqual(head?.input, { uri: 'inline', sizeBytes: record.input.sizeBytes });
});

test('of two callers that saw other files the first one counts, wholly', async () => {
  const { deployment, record } = await jobOfFiles(100);
  const { objectStore } = deployment.ports;
  const fewer = { ...record, input: { ...record.input, files: record.input.files.slice(1) } };

  const stands = await Promise.all([
    putJobRecord(objectStore, record),
    putJobRecord(objectStore, fewer),
  ]);

  const winner = stands[0] ? record : fewer;
  assert.equal(stands.filter(Boolean).length, 1);
  assert.deepEqual(await readJobRecord(objectStore, otherId), winner);
});

test('a damaged list of files fails the job and says so', async () => {
  const { deployment, record } = await jobOfFiles(100);
  const { objectStore } = deployment.ports;
  await putJobRecord(objectStore, record);
  for await (const { key } of objectStore.list(`work/jobs/${otherId}/files-`)) {
    const bytes = await objectStore.read(key);
    await objectStore.put(key, (bytes ?? new Uint8Array(0)).subarray(0, 1_000));
  }

  const view = await settle(deployment, otherId);

  assert.deepEqual([view.status, view.error?.code], ['failed', 'corrupt_object']);
  assert.match(view.error?.detail ?? '', /list of the job's files.*submit the job again/);
});
