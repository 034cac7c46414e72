import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { JobOptions } from '#core/contract/job.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createJob } from '#work/accept/create-job.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

// Whose inputs a job may name where tenants are apart.

const files: Readonly<Record<string, string>> = {
  'uploads/acme/1/a.txt': 'mine',
  'uploads/acme2/1/a.txt': 'of another whose name begins alike',
  'uploads/other/1/a.txt': 'theirs',
  'inbox/sst2-minilm/a.txt': 'dropped',
  'inboxes/acme/sst2-minilm/a.txt': 'dropped by acme',
  'outbox/sst2-minilm/a.txt/results.jsonl': '{"index":0}',
  'lake/acme/a.txt': 'granted',
  'lake/open/a.txt': 'granted to all',
  'lake/a.txt': 'above what is granted',
};

async function openBucket() {
  const asked: string[] = [];
  const objectStore = watched(createMemoryObjectStore(), asked);
  const { ports } = startMemoryDeployment({
    objectStore,
    inputRules: {
      kind: 'granted',
      sharedPrefixes: ['lake/open/'],
      tenantPrefixes: { acme: ['lake/acme/'] },
    },
  });
  const put = (name: string, text: string | Uint8Array) =>
    objectStore.put(`bucket/${name}`, Buffer.from(text));
  for (const [name, text] of Object.entries(files)) await put(name, text);
  const create = async (input: string, options: JobOptions = {}, tenant = 'acme') => {
    const body = { model: 'sst2-minilm', input: `s3://local/${input}`, options };
    return await createJob(ports, { tenant, requestId: crypto.randomUUID(), body });
  };
  return { create, put, asked };
}

/** Notes which objects of the data bucket were asked for. */
function watched(store: ObjectStore, asked: string[]): ObjectStore {
  const noted = (key: string) => {
    if (key.startsWith('bucket/')) asked.push(key);
    return key;
  };
  return {
    ...store,
    head: (key) => store.head(noted(key)),
    read: (key, options) => store.read(noted(key), options),
    list: (prefix, options) => store.list(noted(prefix), options),
  };
}

const own = ['uploads/acme/1/a.txt', 'uploads/acme/1/', 'inboxes/acme/sst2-minilm/a.txt'];
const granted = ['lake/acme/a.txt', 'lake/acme/', 'lake/open/a.txt'];
const foreign = [
  'uploads/other/1/a.txt',
  'uploads/other/1/none.txt',
  'uploads/other/',
  'uploads/acme2/1/a.txt',
  'uploads/acme2/',
  'uploads/',
  'inbox/sst2-minilm/a.txt',
  'outbox/sst2-minilm/a.txt/results.jsonl',
  'outbox/',
  'lake/a.txt',
  'lake/',
  'jobs/job_1/job.json',
  'ledger/',
  'keys/',
];
const parents = ['uploads/acme/../other/1/a.txt', 'uploads/acme//1/a.txt', '/uploads/acme/1/a.txt'];

test('a tenant’s job reads its own uploads and drop zone, and what the deployment grants', async () => {
  const { create } = await openBucket();

  for (const input of [...own, ...granted]) {
    assert.equal((await create(input)).job.input.files.length, 1, input);
  }
  assert.equal((await create('lake/open/', {}, 'other')).job.input.files.length, 1);
  assert.equal((await create('inbox/sst2-minilm/', {}, 'local')).job.input.files.length, 1);
});

test('an input of anybody else is refused before anything is asked of it, there or not', async () => {
  const { create, asked } = await openBucket();
  const refusals = new Set<string>();
  for (const input of foreign) {
    for (const options of [{}, { manifest: true }]) {
      const error: Error = await create(input, options).then(
        () => assert.fail(`${input} was taken`),
        (cause) => cause,
      );
      refusals.add(error.message);
    }
  }

  assert.equal(refusals.size, 1);
  assert.match([...refusals][0] ?? '', /^forbidden: .*s3:\/\/local\/uploads\/acme\//);
  assert.deepEqual(asked, []);
});

test('a key that is none is refused as such', async () => {
  const { create, asked } = await openBucket();

  for (const input of parents) {
    await assert.rejects(create(input), { code: 'invalid_key', status: 400 }, input);
    await assert.rejects(create(`${input}/`), { code: 'invalid_key', status: 400 }, input);
  }
  assert.deepEqual(asked, []);
});

test('each entry of a manifest is held against the same rules, however it is encoded', async () => {
  const { create, put, asked } = await openBucket();
  const lines = [...foreign.filter((name) => !name.endsWith('/')), 'uploads%2Fother%2F1%2Fa.txt'];
  const manifest = 'uploads/acme/1/m.csv';
  for (const line of lines) {
    const text = `local,uploads/acme/1/a.txt\nlocal,${line}\n`;
    for (const content of [text, gzipSync(text), text.replace('uploads/o', 'uploads%2f%6f')]) {
      await put(manifest, content);
      await assert.rejects(create(manifest, { manifest: true }), { code: 'forbidden' }, line);
    }
  }
  assert.deepEqual([...new Set(asked)], [`bucket/${manifest}`]);

  for (const climbing of ['uploads/acme/..%2Fother/1/a.txt', 'uploads%2Facme%2F%2E%2E%2Fother/a']) {
    await put(manifest, `local,${climbing}\n`);
    await assert.rejects(create(manifest, { manifest: true }), { code: 'invalid_request' });
  }
  await put(manifest, 'local,uploads%2Facme%2F1%2Fa.txt\nlocal,lake/open/a.txt\n');
  assert.equal((await create(manifest, { manifest: true })).job.input.files.length, 2);
});
