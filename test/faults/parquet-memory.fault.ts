import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { parquetBytes } from '../fixtures/parquet/write-parquet.ts';

const run = promisify(execFile);
const child = join(import.meta.dirname, '../fixtures/parquet/read-peak-child.ts');
/** Those of a worker; the heap is bounded, so a page that does not fit ends the process. */
const flags = [
  '--expose-gc',
  '--max-semi-space-size=2',
  '--initial-old-space-size=16',
  '--max-old-space-size=160',
];

test('a column in one page of 40 MB is read below 300 MB', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await openFolderObjectStore({ folder });
  const count = 400_000;
  const text = Array.from({ length: count }, (_, at) => `row ${at} ${'some words '.repeat(8)}`);
  const options = { rowGroupSize: count, pageSize: 1e9, codec: 'UNCOMPRESSED' };
  const key = 'work/input/rows.parquet';
  const bytes = parquetBytes({ text }, options, 'PLAIN');
  await store.put(key, bytes);

  const { stdout } = await run(process.execPath, [...flags, child, folder, key]);

  const { rows, peakKib } = JSON.parse(stdout);
  console.log(`${rows} rows in one page of ${bytes.length >> 20} MiB: peak ${peakKib >> 10} MiB`);
  assert.equal(rows, count);
  assert.ok(peakKib < 300 * 1_024, `${peakKib} KiB`);
});
