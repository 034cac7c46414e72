import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { createS3InputSnapshots } from '#adapters/aws/s3/s3-input-snapshots.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { outputFiles } from '#core/jobs/job-keys.ts';
import type { InputSnapshots } from '#core/ports/input-snapshots.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { readPartFooter } from '#work/records/job-parts.ts';
import { collect } from '../contract/contract-expectations.ts';
import { startFaultProxy } from '../fixtures/aws/fault-proxy.ts';
import {
  createBuckets,
  openS3Client,
  openTestAccess,
  s3Endpoint,
} from '../fixtures/aws/open-buckets.ts';
import { rowNineAndTen } from '../fixtures/aws/plan-faults.ts';
import { makeRows, runJob } from '../fixtures/aws/run-job.ts';
import { runSeed } from '../fixtures/harness/random.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';

const rows = 10_000;
const seeds = Number(process.env['SWITCHYARD_TEST_SEEDS'] ?? 20);
const maxAttempts = 8;
const firstSeed = runSeed() % 1_000_000;
const key = 'bucket/inbox/hashing/rows.jsonl';
// 20 shards of one cell.
const input = { key, cellBytes: Math.ceil(makeRows(rows).length / 20), workers: 4 };

function memorySnapshots(objectStore: ObjectStore): InputSnapshots {
  return {
    version: async (of) => (await objectStore.head(of))?.etag,
    async pin(source) {
      const head = await objectStore.head(source.key);
      assert.ok(head);
      return head;
    },
  };
}

/** What the job gives where nothing ever fails. */
async function undisturbed(): Promise<{ results: string; errors: string; parts: number }> {
  const objectStore = createMemoryObjectStore();
  await objectStore.put(key, makeRows(rows));
  const ports = { objectStore, inputSnapshots: memorySnapshots(objectStore) };
  const { outputPrefix, jobId } = await runJob(ports, input);
  const parts = await collect(objectStore.list(`work/jobs/${jobId}/parts/`));
  return { ...(await readOutput(objectStore, outputPrefix)), parts: parts.length };
}

async function readOutput(store: ObjectStore, prefix: string) {
  const text = async (name: string) =>
    Buffer.from((await store.read(prefix + name)) ?? []).toString();
  return { results: await text(outputFiles.results), errors: await text(outputFiles.errors) };
}

const expected = await undisturbed();

// Four at a time: most of a run is waiting for back-offs and hangs.
describe('jobs through faults', { concurrency: 4 }, () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    test(`6.3 #9 #10 a job of ${rows} rows ends whole through faults, seed ${seed}`, async (context) => {
      const buckets = await createBuckets();
      const proxy = await startFaultProxy(s3Endpoint(), { ...rowNineAndTen, seed });
      context.after(() => proxy.close());
      const behind = createS3ObjectStore(await openTestAccess(context, { buckets }));
      const access = await openTestAccess(context, {
        buckets,
        endpoint: proxy.endpoint,
        maxAttempts,
        answerTimeoutMillis: 3_000,
        idleTimeoutMillis: 3_000,
      });
      await behind.put(key, makeRows(rows));

      const ports = {
        objectStore: createS3ObjectStore(access),
        inputSnapshots: createS3InputSnapshots(access),
      };
      const { outputPrefix, jobId, failedAttempts } = await runJob(ports, input);

      const parts = await collect(behind.list(`work/jobs/${jobId}/parts/`));
      context.diagnostic(
        `seed ${seed}: ${rows} rows, ${parts.length} parts, ${proxy.requests()} requests, most tries ${proxy.mostTries()}, failed attempts ${failedAttempts}, faults ${JSON.stringify(proxy.counts)}`,
      );
      const failure = await behind.read(outputPrefix + outputFiles.failed);
      assert.equal(Buffer.from(failure ?? []).toString(), '');
      const { results, errors } = await readOutput(behind, outputPrefix);
      assert.equal(results, expected.results);
      assert.equal(errors, expected.errors);
      assert.equal(results.split('\n').length - 1 + errors.split('\n').length - 1, rows);
      assert.notEqual(await behind.head(outputPrefix + outputFiles.success), undefined);
      assert.equal(parts.length, expected.parts);
      for (const part of parts) {
        await readPartFooter(behind, part);
      }
      assert.ok(proxy.mostTries() <= maxAttempts);
      assert.equal(failedAttempts, 0);
      assert.equal(await countUploads(Object.values(buckets)), 0);
    });
  }
});

async function countUploads(buckets: readonly string[]): Promise<number> {
  const client = openS3Client();
  const counts = await Promise.all(
    buckets.map(async (Bucket) => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.length;
    }),
  );
  client.destroy();
  return counts.reduce((total, count) => total + count, 0);
}
