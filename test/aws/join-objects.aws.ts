import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import type { ObjectSegment, ObjectStore } from '#core/ports/object-store.ts';
import { hasCode } from '../contract/contract-expectations.ts';
import { type FaultProxy, startFaultProxy } from '../fixtures/aws/fault-proxy.ts';
import {
  createBuckets,
  openS3Client,
  openTestAccess,
  s3Endpoint,
} from '../fixtures/aws/open-buckets.ts';
import { noFaults, rowNineAndTen } from '../fixtures/aws/plan-faults.ts';
import { runSeed, type SeededRandom, seededRandom } from '../fixtures/harness/random.ts';

const MiB = 1024 ** 2;
const seed = runSeed();

interface Sources {
  readonly segments: readonly ObjectSegment[];
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Objects of given sizes, most of them asked for by a range inside a footer-like margin. */
async function putSources(
  store: ObjectStore,
  folder: string,
  plan: { readonly sizes: readonly number[]; readonly random: SeededRandom },
): Promise<Sources> {
  const hash = createHash('sha256');
  const segments: ObjectSegment[] = [];
  let total = 0;
  for (const [index, sizeBytes] of plan.sizes.entries()) {
    const key = `${folder}/${index}`;
    const body = Buffer.alloc(sizeBytes, `${plan.random.below(1_000_000)} of ${index};`);
    await store.put(key, body);
    const range = index % 5 === 0 ? undefined : { startByte: 7, endByte: sizeBytes - 11 };
    segments.push(range === undefined ? { key } : { key, range });
    const wanted = range === undefined ? body : body.subarray(7, sizeBytes - 11);
    hash.update(wanted);
    total += wanted.length;
  }
  return { segments, sha256: hash.digest('hex'), sizeBytes: total };
}

async function sha256Of(store: ObjectStore, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of store.stream(key)) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

async function unfinishedUploads(bucket: string): Promise<number> {
  const client = openS3Client();
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }));
  }
  client.destroy();
  return Uploads.length;
}

async function openStores(context: TestContext, plan = noFaults) {
  const buckets = await createBuckets();
  const proxy = await startFaultProxy(s3Endpoint(), plan);
  context.after(() => proxy.close());
  const behind = createS3ObjectStore(await openTestAccess(context, { buckets }));
  const access = await openTestAccess(context, {
    buckets,
    endpoint: proxy.endpoint,
    answerTimeoutMillis: 5_000,
    idleTimeoutMillis: 5_000,
  });
  return { buckets, proxy, behind, store: createS3ObjectStore(access) };
}

/** 60 MB as a job leaves it: many cells below a part, some large ones, in any order. */
function mixedSizes(random: SeededRandom): number[] {
  const small = Array.from({ length: 90 }, () => 200_000 + random.below(200_000));
  const middle = Array.from({ length: 3 }, () => 4 * MiB + random.below(2 * MiB));
  return [...small.slice(0, 40), ...middle, 13 * MiB, ...small.slice(40), 6 * MiB + 5];
}

test('the S3 object store joins 60 MB from large and small sources in flat memory', async (context) => {
  const { buckets, behind, store, proxy } = await openStores(context);
  const random = seededRandom(seed);
  const sources = await putSources(behind, 'work/parts', { sizes: mixedSizes(random), random });

  const join = { endpoint: proxy.endpoint, buckets, key: 'bucket/joined', ...sources };
  const { won, baseMiB, peakMiB } = await joinInChild(join);

  context.diagnostic(
    `seed ${seed}: ${sources.sizeBytes} bytes of ${sources.segments.length} segments in ${proxy.requests()} requests, RSS ${baseMiB} MiB before, peak ${peakMiB} MiB`,
  );
  assert.equal(won, true);
  assert.ok(peakMiB < 300 && peakMiB - baseMiB < 150, `peak ${peakMiB} MiB, before ${baseMiB} MiB`);
  assert.equal((await behind.head('bucket/joined'))?.sizeBytes, sources.sizeBytes);
  assert.equal(await sha256Of(behind, 'bucket/joined'), sources.sha256);
  assert.equal(await unfinishedUploads(buckets.bucket), 0);
  assert.equal(await store.concatenateIfAbsent('bucket/joined', sources.segments), false);
});

/** In a process of its own, whose memory is the join's alone. */
async function joinInChild(
  join: object,
): Promise<{ won: boolean; baseMiB: number; peakMiB: number }> {
  const child = spawn(process.execPath, ['test/fixtures/aws/join-child.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(join));
  return (await json(child.stdout)) as { won: boolean; baseMiB: number; peakMiB: number };
}

test('6.3 #9 #10 a multipart join survives faults and is committed once', async (context) => {
  const { buckets, behind, store, proxy } = await openStores(context, { ...rowNineAndTen, seed });
  const random = seededRandom(seed);
  const sources = await putSources(behind, 'work/parts', { sizes: mixedSizes(random), random });

  const wins = await Promise.all(
    [1, 2].map(() => store.concatenateIfAbsent('bucket/joined', sources.segments)),
  );

  context.diagnostic(`seed ${seed}: ${describeFaults(proxy)}`);
  assert.equal(wins.filter((won) => won).length, 1);
  assert.equal(await sha256Of(behind, 'bucket/joined'), sources.sha256);
  // An upload whose creation lost its answer has an id that nobody knows: the bucket's rule ends it.
  assert.ok((await unfinishedUploads(buckets.bucket)) <= lostCreations(proxy));
});

function describeFaults(proxy: FaultProxy): string {
  return `${proxy.requests()} requests, most tries ${proxy.mostTries()}, faults ${JSON.stringify(proxy.counts)}`;
}

function lostCreations(proxy: FaultProxy): number {
  return proxy.counts.errorAfter + proxy.counts.reset;
}

test('a join that fails leaves no object and no upload', async (context) => {
  const { buckets, behind, store } = await openStores(context);
  const random = seededRandom(seed);
  const sizes = [6 * MiB, 3 * MiB, 6 * MiB];
  const { segments } = await putSources(behind, 'work/parts', { sizes, random });
  const range = { startByte: 0, endByte: 1_000 };

  for (const missing of [{ key: 'work/none' }, { key: 'work/none', range }]) {
    await assert.rejects(
      store.concatenateIfAbsent('bucket/joined', [...segments, missing]),
      hasCode('object_not_found'),
    );
  }

  assert.equal(await behind.head('bucket/joined'), undefined);
  assert.equal(await unfinishedUploads(buckets.bucket), 0);
});

test('a join takes ranges that end past their sources as the sources are', async (context) => {
  const { behind, store } = await openStores(context);
  const [left, right] = [Buffer.alloc(6 * MiB, 'left'), Buffer.alloc(3 * MiB, 'right')];
  await behind.put('work/left', left);
  await behind.put('work/right', right);
  const range = { startByte: 1, endByte: 5 * MiB - 1 };

  // 4.99 MiB asked of an object of 3: taken on trust first, then measured.
  const segments = [
    { key: 'work/left' },
    { key: 'work/right', range },
    { key: 'work/right', range },
  ];
  assert.equal(await store.concatenateIfAbsent('work/joined', segments), true);

  const expected = Buffer.concat([left, right.subarray(1), right.subarray(1)]);
  assert.equal(
    await sha256Of(behind, 'work/joined'),
    createHash('sha256').update(expected).digest('hex'),
  );
});

test('a join takes sources of any name and one object many times', async (context) => {
  const { behind, store } = await openStores(context);
  const body = Buffer.alloc(11 * MiB, 'ab+ c');
  const key = 'work/ä b+c%2F/?versionId=1&x #.jsonl';
  await behind.put(key, body);

  const halves = [
    { key, range: { startByte: 0, endByte: 5_000_001 } },
    { key, range: { startByte: 5_000_001, endByte: body.length } },
  ];
  assert.equal(await store.concatenateIfAbsent('work/joined', [...halves, ...halves]), true);

  const expected = createHash('sha256').update(body).update(body).digest('hex');
  assert.equal(await sha256Of(behind, 'work/joined'), expected);
});
