import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { JobOptions } from '#core/contract/job.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { createJob } from '#work/accept/create-job.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';

async function bucketOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const limits = { ...defaultLimits, jobFiles: 5 };
  const { ports } = startMemoryDeployment({ limits });
  for (const [key, content] of Object.entries(files)) {
    await ports.objectStore.put(`bucket/${key}`, Buffer.from(content));
  }
  const create = async (input: string, options: JobOptions = {}, idempotencyKey = 'k') =>
    await createJob(ports, {
      tenant: 'local',
      requestId: 'r',
      idempotencyKey,
      body: { model: 'sst2-minilm', input: `s3://local/${input}`, options },
    });
  const inputOf = async (...args: Parameters<typeof create>) => (await create(...args)).job.input;
  return { ports, create, inputOf };
}

const names = (input: { readonly files: readonly { readonly name: string }[] }) =>
  input.files.map(({ name }) => name);

test('a prefix is every file below it in key order, without what is no input', async () => {
  const { inputOf } = await bucketOf({
    'in/b.csv': 'text\nx\n',
    'in/a/z.txt': 'x',
    'in/a/y.jsonl.gz': gzipSync(''),
    'in/.hidden.txt': 'x',
    'in/.dir/a.txt': 'x',
    'in/_SUCCESS': '',
    'in/_options.json': '{}',
    'in/b.csv.options.json': '{}',
    'in/up.txt.partial': 'x',
    'in/back.txt~': 'x',
    'inside.txt': 'x',
  });

  const input = await inputOf('in/');

  assert.deepEqual(names(input), ['a/y.jsonl.gz', 'a/z.txt', 'b.csv']);
  assert.deepEqual(
    input.files.map(({ format }) => format),
    ['jsonl', 'lines', 'csv'],
  );
  assert.equal(input.sizeBytes, gzipSync('').length + 1 + 7);
  assert.equal(new Set(input.files.map(({ key }) => key)).size, 3);
});

test('a prefix without files, with an unknown format or with too many files is refused', async () => {
  const six = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`six/${at}.txt`, 'x']));
  const { inputOf } = await bucketOf({ 'odd/a.txt': 'x', 'odd/b.xlsx': 'x', ...six });

  await assert.rejects(inputOf('none/'), { code: 'object_not_found', status: 404 });
  await assert.rejects(inputOf('odd/'), { code: 'unsupported_format', message: /b\.xlsx/ });
  await assert.rejects(inputOf('six/'), {
    code: 'too_many_items',
    status: 413,
    message: /5 files/,
  });
});

test('a manifest names the objects in its order, keys URL-encoded, versions pinned', async () => {
  const { ports, inputOf } = await bucketOf({
    'in/ä b+c.txt': 'x',
    'in/b.txt': 'y',
    'in/c,"d".txt': 'z',
  });
  const version = (await ports.objectStore.head('bucket/in/b.txt'))?.etag;
  const lines = [
    `local,in/b.txt,${version}`,
    '"local","in/%C3%A4+b%2Bc.txt"',
    'local,in/c%2C%22d%22.txt,',
    '',
  ];
  await ports.objectStore.put('bucket/m.csv', Buffer.from(lines.join('\r\n')));
  await ports.objectStore.put('bucket/m.csv.gz', gzipSync(lines.join('\n')));

  for (const manifest of ['m.csv', 'm.csv.gz']) {
    const input = await inputOf(manifest, { manifest: true }, manifest);
    assert.deepEqual(names(input), ['in/b.txt', 'in/ä b+c.txt', 'in/c,"d".txt']);
  }
});

test('a manifest with a bad line is refused and the line is named', async () => {
  const { ports, inputOf } = await bucketOf({
    'a.txt': 'x',
    'm2.csv': 'local,a.txt\nlocal,gone.txt\n',
  });
  const cases: [string, RegExp][] = [
    ['local,a.txt\n\nother,a.txt\n', /line 3 .*another bucket/],
    ['local,a.txt\nlocal,%zz\n', /line 2 .*URL-encoded/],
    ['local,..%2Fx\n', /line 1 .*not allowed/],
    ['local\n', /line 1 .*two or three/],
    ['local,a.txt,1,2\n', /line 1 .*two or three/],
    ['local,"a\n', /line 1 .*CSV/],
    ['local,a.txt\nlocal,a.txt\n', /line 2 .*earlier/],
    ['\n', /no object/],
    ['local,\u00ff\n', /./],
  ];
  for (const [content, message] of cases) {
    await ports.objectStore.put('bucket/m.csv', Buffer.from(content, 'latin1'));
    await assert.rejects(inputOf('m.csv', { manifest: true }), {
      code: 'invalid_request',
      message,
    });
  }
  await assert.rejects(inputOf('m2.csv', { manifest: true }), {
    code: 'object_not_found',
    message: /gone\.txt/,
  });
  const six = Array.from({ length: 6 }, (_, at) => `local,${at}.txt\n`).join('');
  await ports.objectStore.put('bucket/m.csv', Buffer.from(six));
  await assert.rejects(inputOf('m.csv', { manifest: true }), { code: 'too_many_items' });
});

test('a version of a manifest that is not there any more is refused', async () => {
  const { inputOf } = await bucketOf({ 'a.txt': 'x', 'm.csv': 'local,a.txt,other\n' });

  await assert.rejects(inputOf('m.csv', { manifest: true }), { code: 'object_changed' });
});

test('the same submission is the same job, whatever the prefix holds by then', async () => {
  const { ports, create } = await bucketOf({ 'in/a.txt': 'x' });
  const first = await create('in/');
  await ports.objectStore.put('bucket/in/b.txt', Buffer.from('y'));

  const [second, third] = await Promise.all([create('in/'), create('in/')]);

  assert.deepEqual([first.created, second.created, third.created], [true, false, false]);
  assert.deepEqual(second.job, first.job);
});

test('the options that decide how rows are read are pinned in the job', async () => {
  const { create } = await bucketOf({ 'a.csv': 'a;b\n' });
  const options: JobOptions = { textColumn: 'b', delimiter: ';', join: ['a'], shape: 'plain' };

  assert.deepEqual((await create('a.csv', options)).job.rows, options);
  assert.equal((await create('a.csv', {}, 'other')).job.rows, undefined);
});
