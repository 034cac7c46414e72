import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { readDeploymentSecret } from '#adapters/local/deployment-secret.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { nextGeneration } from '#adapters/local/next-generation.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';
import { collect, hasCode } from './contract-expectations.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('racing starts agree on one deployment secret that only its owner can read', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'data');
  const file = path.join(folder, 'secret');

  const secrets = await Promise.all(Array.from({ length: 16 }, () => readDeploymentSecret(file)));

  assert.equal(new Set(secrets).size, 1);
  assert.match(secrets[0] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(await readDeploymentSecret(file), secrets[0]);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['secret']);
});

test('two deployments have different secrets', async (t) => {
  const folder = await temporaryFolder(t);
  const one = await readDeploymentSecret(path.join(folder, 'one'));
  assert.notEqual(one, await readDeploymentSecret(path.join(folder, 'other')));
});

test('a damaged deployment secret is refused and not replaced', async (t) => {
  const file = path.join(await temporaryFolder(t), 'secret');
  for (const content of ['', 'short', 'Z'.repeat(64)]) {
    await writeFile(file, content);
    await assert.rejects(readDeploymentSecret(file), hasCode('invalid_setting'));
    assert.equal((await stat(file)).size, content.length);
  }
});

test('each start gets the next generation and old marks are cleaned away', async (t) => {
  const store = await openFolderObjectStore({ folder: await temporaryFolder(t) });
  for (let start = 1; start <= 50; start++) {
    assert.equal(await nextGeneration(store), start);
  }
  assert.equal((await collect(store.list('work/server/'))).length, 20);
});

test('racing starts get different generations, each above those before', async () => {
  const store = createMemoryObjectStore();
  const first = await Promise.all(Array.from({ length: 30 }, () => nextGeneration(store)));
  const second = await Promise.all(Array.from({ length: 30 }, () => nextGeneration(store)));

  assert.equal(new Set([...first, ...second]).size, 60);
  assert.ok(Math.min(...second) > Math.max(...first));
});

test('a start that saw an old list does not take a number that was cleaned away', async () => {
  const store = createMemoryObjectStore();
  for (let start = 1; start <= 40; start++) {
    await nextGeneration(store);
  }
  let lists = 0;
  const slow: ObjectStore = {
    ...store,
    async *list(prefix) {
      lists++;
      yield* lists === 1
        ? [{ key: `${prefix}0000000005`, sizeBytes: 0, etag: 'old' }]
        : store.list(prefix);
    },
  };

  assert.equal(await nextGeneration(slow), 41);
});
