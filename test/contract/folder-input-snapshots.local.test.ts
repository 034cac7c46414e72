import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { appendFile, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createFolderInputSnapshots } from '#adapters/local/folder-input-snapshots.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { hasCode } from './contract-expectations.ts';
import { temporaryFolder } from './temporary-folder.ts';

const key = 'bucket/inbox/rows.jsonl';

async function openSnapshots(context: TestContext) {
  const folder = await temporaryFolder(context);
  const store = await openFolderObjectStore({ folder });
  const file = path.join(folder, key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'first\n');
  return { folder, file, store, snapshots: createFolderInputSnapshots({ folder }) };
}

test('the version of an input is its etag and changes with each write', async (t) => {
  const { file, store, snapshots } = await openSnapshots(t);
  const first = await snapshots.version(key);
  assert.equal(first, (await store.head(key))?.etag);

  await appendFile(file, 'more\n');
  const second = await snapshots.version(key);
  await writeFile(`${file}.new`, 'first\nmore\n');
  await rename(`${file}.new`, file);

  assert.equal(new Set([first, second, await snapshots.version(key)]).size, 3);
  assert.equal(await snapshots.version('bucket/inbox/none'), undefined);
});

test('a pinned input stays as it was when the file is overwritten in place', async (t) => {
  const { file, store, snapshots } = await openSnapshots(t);
  const version = (await snapshots.version(key)) ?? '';
  const head = await snapshots.pin({ key, version }, 'job-1');

  await writeFile(file, 'other');

  assert.equal(head.key, 'work/jobs/job-1/input');
  const pinned = await store.read(head.key, { ifMatch: head.etag });
  assert.equal(Buffer.from(pinned ?? []).toString(), 'first\n');
  assert.equal(head.sizeBytes, 6);
});

test('pin is idempotent, also for racers and after the source is gone', async (t) => {
  const { folder, store, snapshots } = await openSnapshots(t);
  const version = (await snapshots.version(key)) ?? '';
  const pins = Array.from({ length: 8 }, () => snapshots.pin({ key, version }, 'job-1'));
  const heads = await Promise.all(pins);
  assert.equal(new Set(heads.map((head) => head.etag)).size, 1);

  await store.delete(key);

  assert.deepEqual(await snapshots.pin({ key, version }, 'job-1'), heads[0]);
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
});

test('pin refuses an input that is not in the version any more and leaves nothing', async (t) => {
  const { folder, file, store, snapshots } = await openSnapshots(t);
  const version = (await snapshots.version(key)) ?? '';
  await writeFile(file, 'changed');
  const changed = hasCode('object_changed');
  await assert.rejects(snapshots.pin({ key, version }, 'job-1'), changed);

  await store.delete(key);
  await assert.rejects(snapshots.pin({ key, version }, 'job-1'), changed);
  assert.equal(await store.head('work/jobs/job-1/input'), undefined);
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
});

test('pin refuses a file that is written to during the copy', async (t) => {
  const { folder, file, store, snapshots } = await openSnapshots(t);
  const sizeBytes = 128 * 1024 * 1024;
  await writeFile(file, Buffer.alloc(sizeBytes, 'a'));
  const version = (await snapshots.version(key)) ?? '';
  let isPinned = false;
  const pinning = snapshots
    .pin({ key, version }, 'job-1')
    .catch((error: unknown) => {
      assert.ok(hasCode('object_changed')(error));
      return undefined;
    })
    .finally(() => {
      isPinned = true;
    });

  // A copy-on-write copy may come and go between two looks.
  while (!isPinned && readdirSync(path.join(folder, '.tmp')).length === 0) {
    await setImmediate();
  }
  const handle = openSync(file, 'r+');
  writeSync(handle, 'b', sizeBytes - 1);
  closeSync(handle);

  // Where the copy was quicker than the write (copy-on-write), it is the old version, whole.
  const head = await pinning;
  if (head !== undefined) {
    const bytes = (await store.read(head.key)) ?? new Uint8Array(0);
    assert.equal(bytes.at(-1), 'a'.charCodeAt(0));
  }
});

test('snapshots follow no link and take no job id that is a path', async (t) => {
  const { folder, file, snapshots } = await openSnapshots(t);
  await symlink(file, path.join(folder, 'bucket/inbox/link'));
  assert.equal(await snapshots.version('bucket/inbox/link'), undefined);
  const version = (await snapshots.version(key)) ?? '';
  await assert.rejects(
    snapshots.pin({ key: 'bucket/inbox/link', version }, 'job-1'),
    hasCode('object_changed'),
  );
  for (const jobId of ['..', 'a/b', '../../bucket/x', '']) {
    await assert.rejects(snapshots.pin({ key, version }, jobId), hasCode('invalid_key'));
  }
});

test('the files of one job are pinned side by side, each once', async (t) => {
  const { folder, store, snapshots } = await openSnapshots(t);
  const keys = Array.from({ length: 40 }, (_, at) => `bucket/inbox/many/${at}.txt`);
  await Promise.all(keys.map((each, at) => store.put(each, Buffer.from(`file ${at}`))));
  const versions = await Promise.all(keys.map((each) => snapshots.version(each)));
  const pinAll = () =>
    Promise.all(
      keys.map((each, at) =>
        snapshots.pin({ key: each, version: versions[at] ?? '' }, 'job-1', at),
      ),
    );

  const [heads, again] = await Promise.all([pinAll(), pinAll()]);

  assert.deepEqual(again, heads);
  assert.equal(new Set(heads.map((head) => head.key)).size, keys.length);
  for (const [at, head] of heads.entries()) {
    assert.ok(head.key.startsWith('work/jobs/job-1/input/'));
    const bytes = await store.read(head.key, { ifMatch: head.etag });
    assert.equal(Buffer.from(bytes ?? []).toString(), `file ${at}`);
  }
  // Another file at a place that is taken: a listing that changed between two tries of a submission.
  const version = (await snapshots.version(key)) ?? '';
  const other = await snapshots.pin({ key, version }, 'job-1', 0);
  assert.equal(Buffer.from((await store.read(other.key)) ?? []).toString(), 'first\n');
  await assert.rejects(
    snapshots.pin({ key: keys[1] ?? '', version: 'other' }, 'job-1', 1),
    hasCode('object_changed'),
  );
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
});
