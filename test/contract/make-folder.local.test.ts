import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '#adapters/local/make-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a folder is made with those above it, once or often or by several at a time', async (t) => {
  const folder = join(await temporaryFolder(t), 'a/b/c');

  await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)));
  await makeFolder(folder);

  assert.ok((await stat(folder)).isDirectory());
});

test('a file in the way of a folder is an error', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');

  await assert.rejects(makeFolder(file), { code: 'EEXIST' });
  await assert.rejects(makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
});
