import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createS3InputSnapshots } from '#adapters/aws/s3/s3-input-snapshots.ts';
import { createS3ObjectLinks } from '#adapters/aws/s3/s3-object-links.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { bytesOf, hasCode } from '../contract/contract-expectations.ts';
import { openTestAccess } from '../fixtures/aws/open-buckets.ts';

test('a pinned input stays readable, whole and in ranges, after it was overwritten and deleted', async (context) => {
  const access = await openTestAccess(context);
  const [store, snapshots] = [createS3ObjectStore(access), createS3InputSnapshots(access)];
  const key = 'bucket/inbox/model/a+b é.jsonl';
  await store.put(key, Buffer.from('first version'));
  const version = (await snapshots.version(key)) ?? '';

  const pinned = await snapshots.pin({ key, version }, 'job-1');
  await store.put(key, Buffer.from('second'));
  await store.delete(key);

  assert.deepEqual(pinned, { key, sizeBytes: 13, etag: version });
  assert.deepEqual(await snapshots.pin({ key, version }, 'job-1'), pinned);
  const ifMatch = pinned.etag;
  assert.equal(String(await bytesOf(store.stream(key, { ifMatch }))), 'first version');
  const range = { startByte: 6, endByte: 99 };
  assert.equal(String(Buffer.from((await store.read(key, { ifMatch, range })) ?? [])), 'version');
  const past = { startByte: 50, endByte: 99 };
  assert.equal((await store.read(key, { ifMatch, range: past }))?.length, 0);
  assert.equal(await snapshots.version(key), undefined);
});

test('two versions of one key never give the same text, even of the same bytes', async (context) => {
  const access = await openTestAccess(context);
  const [store, snapshots] = [createS3ObjectStore(access), createS3InputSnapshots(access)];
  const versions = new Set<string | undefined>();
  for (let round = 0; round < 50; round++) {
    await store.put('bucket/same', Buffer.from('same bytes'));
    versions.add(await snapshots.version('bucket/same'));
  }
  assert.equal(versions.size, 50);
});

test('a version that is not there, or never was, is object_changed', async (context) => {
  const access = await openTestAccess(context);
  const [store, snapshots] = [createS3ObjectStore(access), createS3InputSnapshots(access)];
  await store.put('bucket/a', Buffer.from('a'));
  const version = (await snapshots.version('bucket/a')) ?? '';
  const etag = version.slice(version.lastIndexOf(':') + 1);

  for (const other of [version.replace(etag, '0'.repeat(32)), `v:nowhere:${etag}`, etag, '']) {
    const pinning = snapshots.pin({ key: 'bucket/a', version: other }, 'job-1');
    await assert.rejects(pinning, hasCode('object_changed'), other);
    if (other !== etag) {
      await assert.rejects(store.read('bucket/a', { ifMatch: other }), hasCode('object_changed'));
    }
  }
});

test('a bucket without versions is refused for inputs', async (context) => {
  const access = await openTestAccess(context);
  await createS3ObjectStore(access).put('work/a', Buffer.of(1));

  await assert.rejects(
    createS3InputSnapshots(access).version('work/a'),
    hasCode('invalid_setting'),
  );
});

test('a link opens its object without credentials until it ends, and no other object', async (context) => {
  const access = await openTestAccess(context);
  const [store, links] = [createS3ObjectStore(access), createS3ObjectLinks(access)];
  const key = 'bucket/outbox/sst2/ä b+c%/results.jsonl';
  await store.put(key, Buffer.from('{"index":0}\n'));
  const link = await links.linkTo(key, { validSeconds: 5 });

  const answer = await fetch(link);

  assert.equal(await answer.text(), '{"index":0}\n');
  assert.match(link, /X-Amz-Expires=5(&|$)/);
  assert.equal((await fetch(link.replace('results', 'errors'))).status, 403);
  await waitForRefusal(link);
  await assert.rejects(links.linkTo('other/a', { validSeconds: 2 }), hasCode('invalid_key'));
});

async function waitForRefusal(link: string): Promise<void> {
  const deadlineMillis = performance.now() + 60_000;
  while ((await fetch(link)).status !== 403) {
    assert.ok(performance.now() < deadlineMillis, 'the link still opens long after its end');
    await setTimeout(100);
  }
}
