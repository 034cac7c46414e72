import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { collect, hasCode } from './contract-expectations.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const writer = path.join(import.meta.dirname, '../fixtures/write-objects.ts');

async function openStore(context: TestContext) {
  const folder = await temporaryFolder(context);
  return { folder, store: await openFolderObjectStore({ folder }) };
}

/** Starts a writer and kills it once it said that so many puts were done. */
async function killWriter(folder: string, afterPuts: number): Promise<void> {
  const child = spawn(process.execPath, [writer, folder, 'put'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let putsDone = 0;
  for await (const dots of child.stdout) {
    putsDone += dots.length;
    if (putsDone >= afterPuts) child.kill('SIGKILL');
  }
  assert.deepEqual(await ended, [null, 'SIGKILL']);
}

test('the folder object store shows whole objects only when its writer is killed', async (t) => {
  const { folder, store } = await openStore(t);
  const halfDone = async () => (await readdir(path.join(folder, '.tmp'))).length;

  // Four kills, and more where none of them met a write half done: else the test had shown nothing.
  for (let kill = 0; kill < 4 || (kill < 100 && (await halfDone()) === 0); kill += 1) {
    await killWriter(folder, [1, 30, 111, 250][kill] ?? 10 + kill);

    for await (const head of store.list('work/kill/')) {
      const body = (await store.read(head.key)) ?? new Uint8Array(0);
      const seed = body[0] ?? 0;
      assert.equal(body.length, 40_000 + seed * 500, head.key);
      assert.ok(body.every((byte) => byte === seed));
    }
  }
  assert.ok((await collect(store.list('work/kill/'))).length > 0);
  assert.ok((await halfDone()) > 0, 'a kill met a write half done');
});

test('putIfAbsent has one winner for each key when four processes race', async (t) => {
  const { folder, store } = await openStore(t);
  const names = ['one', 'two', 'three', 'four'];

  const wins = await Promise.all(
    names.map(async (name) => {
      const { stdout } = await run(process.execPath, [writer, folder, 'race', name]);
      return JSON.parse(stdout) as boolean[];
    }),
  );

  for (let key = 0; key < 50; key++) {
    const winners = names.filter((_, racer) => wins[racer]?.[key]);
    assert.equal(winners.length, 1);
    assert.equal(String(Buffer.from((await store.read(`work/race/${key}`)) ?? [])), winners[0]);
  }
});

test('the folder object store follows no link, as an object or as a part of a key', async (t) => {
  const { folder, store } = await openStore(t);
  const outside = await temporaryFolder(t);
  await writeFile(path.join(outside, 'secret'), 'secret');
  await mkdir(path.join(folder, 'bucket'));
  await symlink(outside, path.join(folder, 'bucket/away'));
  await symlink(path.join(outside, 'secret'), path.join(folder, 'bucket/file'));
  await symlink(path.join(outside, 'none'), path.join(folder, 'bucket/dangling'));

  for (const key of ['bucket/away/secret', 'bucket/file', 'bucket/dangling', 'bucket/away']) {
    assert.equal(await store.head(key), undefined);
    assert.equal(await store.read(key), undefined);
    await store.delete(key);
  }
  assert.deepEqual(await collect(store.list('')), []);
  assert.deepEqual(await collect(store.list('bucket/away/')), []);
  for (const key of ['bucket/away/new', 'bucket/away/deep/new', 'bucket/dangling/new']) {
    await assert.rejects(store.put(key, Buffer.from('x')), hasCode('invalid_key'), key);
    await assert.rejects(store.putIfAbsent(key, Buffer.from('x')), hasCode('invalid_key'));
  }
  assert.deepEqual(await readdir(outside), ['secret']);
  assert.equal(await readFile(path.join(outside, 'secret'), 'utf8'), 'secret');
});

test('the folder object store refuses a key that continues another or is continued', async (t) => {
  const { store } = await openStore(t);
  await store.put('work/a/b', Buffer.from('x'));

  for (const key of ['work/a', 'work/a/b/c', 'work/a/b/c/d']) {
    await assert.rejects(store.put(key, Buffer.from('x')), hasCode('invalid_key'), key);
    await assert.rejects(store.putIfAbsent(key, Buffer.from('x')), hasCode('invalid_key'), key);
    assert.equal(await store.head(key), undefined);
  }
  assert.equal((await collect(store.list('work/'))).length, 1);
});

test('the folder object store takes an empty folder out of the way of an object', async (t) => {
  const { folder, store } = await openStore(t);
  await mkdir(path.join(folder, 'work/left'), { recursive: true });

  assert.equal(await store.putIfAbsent('work/left', Buffer.from('x')), true);
});

test('the folder object store removes the empty folders of deleted objects', async (t) => {
  const { folder, store } = await openStore(t);
  await store.put('work/jobs/1/parts/0', Buffer.from('x'));
  await store.put('work/jobs/2/parts/0', Buffer.from('x'));

  await store.delete('work/jobs/1/parts/0');

  assert.deepEqual(await readdir(path.join(folder, 'work/jobs')), ['2']);
  await store.delete('work/jobs/2/parts/0');
  assert.deepEqual(await readdir(path.join(folder, 'work')), []);
});

test('the folder object store keeps its temporary files to itself', async (t) => {
  const { folder, store } = await openStore(t);
  await store.put('bucket/a', Buffer.from('x'));
  assert.deepEqual(await readdir(path.join(folder, '.tmp')), []);
  await writeFile(path.join(folder, '.tmp/killed'), 'half');

  assert.equal((await collect(store.list(''))).length, 1);
  assert.deepEqual(await collect(store.list('.tmp/')), []);
  await assert.rejects(store.read('.tmp/killed'), hasCode('invalid_key'));
});

test('the folder object store removes temporary files of the day before when opened', async (t) => {
  const { folder } = await openStore(t);
  const yesterday = Date.now() / 1000 - 25 * 60 * 60;
  await writeFile(path.join(folder, '.tmp/old'), 'half');
  await utimes(path.join(folder, '.tmp/old'), yesterday, yesterday);
  await writeFile(path.join(folder, '.tmp/young'), 'half');

  await openFolderObjectStore({ folder });

  assert.deepEqual(await readdir(path.join(folder, '.tmp')), ['young']);
});

test('the folder object store passes over what is no plain file and does not hang', async (t) => {
  const { folder, store } = await openStore(t);
  await mkdir(path.join(folder, 'bucket/inbox'), { recursive: true });
  await run('mkfifo', [path.join(folder, 'bucket/inbox/pipe')]);
  await writeFile(path.join(folder, 'bucket/inbox/rows'), 'rows');

  assert.equal(await store.read('bucket/inbox/pipe'), undefined);
  assert.equal(await store.read('bucket/inbox'), undefined);
  const keys = (await collect(store.list('bucket/'))).map((head) => head.key);
  assert.deepEqual(keys, ['bucket/inbox/rows']);
});

test('a read with ifMatch refuses a file that was written in place', async (t) => {
  const { folder, store } = await openStore(t);
  const file = path.join(folder, 'bucket/rows');
  await store.put('bucket/rows', Buffer.from('before'));
  const etag = (await store.head('bucket/rows'))?.etag ?? '';
  const inode = (await stat(file)).ino;

  await writeFile(file, 'beside');

  assert.equal((await stat(file)).ino, inode);
  await assert.rejects(store.read('bucket/rows', { ifMatch: etag }), hasCode('object_changed'));
});
