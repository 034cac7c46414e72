import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { assertWithin } from '../../fixtures/harness/assert-within.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { readPlanned } from '../../fixtures/parquet/read-parquet.ts';
import { putInput } from '../../fixtures/parquet/write-parquet.ts';

// What the rows hold and who wrote them: test/fixtures/parquet/README.md.
const folder = join(import.meta.dirname, '../../fixtures/parquet');
const ROWS = 200;

async function putFixture(name: string, change = (bytes: Uint8Array) => bytes) {
  const objectStore = createMemoryObjectStore();
  const bytes = change(Uint8Array.from(await readFile(join(folder, name))));
  return { objectStore, file: await putInput(objectStore, bytes, name) };
}

function textOf(row: number): string | undefined {
  if (row % 17 === 5 || row % 23 === 7) return undefined;
  const words = row % 2 === 1 ? 'good film' : 'schlecht \u00fc\u{1F600}';
  return `row ${row} ${words}${' again'.repeat(row % 5)}`;
}

function idOf(row: number): number | string | undefined {
  if (row % 11 === 3) return undefined;
  return row % 7 === 0 ? String(9_007_199_254_740_993n + BigInt(row)) : row;
}

const expected = Array.from({ length: ROWS }, (_, row) => {
  const text = textOf(row);
  const when = new Date(1_700_000_000_000 + row).toISOString();
  const stars = row % 9 === 0 ? null : row % 5;
  const input = { when, stars, source: row % 3 === 0 ? 'app' : 'web' };
  return { id: idOf(row), text, input: text === undefined ? undefined : input };
});

for (const name of [
  'pyarrow-snappy-dictionary',
  'pyarrow-zstd-delta-v2',
  'pyarrow-gzip-plain-checksums',
  'pyarrow-none-page-index',
  'pyarrow-brotli',
  'duckdb-snappy',
]) {
  test(`a file of another writer is read row by row: ${name}`, async () => {
    const { objectStore, file } = await putFixture(`${name}.parquet`);

    for (const wishes of [{}, { cellBytes: 2_000 }, { cellBytes: 900, anew: true }]) {
      const { rows } = await readPlanned(objectStore, file, { ...wishes, reading: { join: true } });

      const read = rows.map(({ id, input, parsed }) => ({
        id,
        text: parsed.ok ? parsed.text : undefined,
        input: input === undefined ? undefined : Object.fromEntries(input),
      }));
      assert.deepEqual(read, expected);
    }
  });
}

async function refusal(name: string, change?: (bytes: Uint8Array) => Uint8Array) {
  const { objectStore, file } = await putFixture(name, change);
  const error = await readPlanned(objectStore, file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error === undefined || error instanceof SwitchyardError, String(error));
  return error;
}

test('a codec that nobody here decompresses is refused by name', async () => {
  const error = await refusal('pyarrow-lz4.parquet');

  assert.equal(error?.code, 'unsupported_format');
  assert.match(error?.detail ?? '', /LZ4.*SNAPPY/);
});

test('a page that would not fit into memory is refused with the remedy', async () => {
  const error = await refusal('pyarrow-one-huge-page.parquet');

  assert.equal(error?.code, 'payload_too_large');
  assert.match(error?.detail ?? '', /1400\d{5} bytes; the limit is 134217728: write/);
});

test('a Parquet file that was compressed as a whole is refused', async () => {
  const { objectStore, file } = await putFixture('duckdb-snappy.parquet');

  await assert.rejects(
    readPlanned(objectStore, { ...file, compression: 'gzip' }),
    (error: unknown) => error instanceof SwitchyardError && error.code === 'unsupported_format',
  );
});

test('a truncated file is refused, wherever it was cut', async () => {
  for (let keptBytes = 0; keptBytes < 8_583; keptBytes += 131) {
    const error = await refusal('pyarrow-snappy-dictionary.parquet', (bytes) =>
      bytes.slice(0, keptBytes),
    );

    assert.equal(error?.code, 'corrupt_object', `${keptBytes} bytes`);
    assert.match(error?.detail ?? '', /not a readable Parquet file: .*upload it again/);
  }
});

test('a flipped byte of a page is found where pages have checksums', async () => {
  for (let at = 700; at < 4_000; at += 97) {
    const { objectStore, file } = await putFixture(
      'pyarrow-gzip-plain-checksums.parquet',
      (bytes) => bytes.with(at, (bytes[at] ?? 0) ^ 0x10),
    );
    const wishes = { reading: { join: true } } as const;
    const read = await readPlanned(objectStore, file, wishes).catch((error: unknown) => error);

    if (read instanceof Error) {
      assert.ok(read instanceof SwitchyardError && read.code === 'corrupt_object', String(read));
      continue;
    }
    // Only the statistics in a page's header, and a column of lists, are not needed.
    assert.equal((read as { rows: unknown[] }).rows.length, ROWS, `byte ${at}`);
  }
});

test('any flipped byte gives rows or a refusal, soon', async () => {
  const started = performance.now();
  let refused = 0;
  for (let at = 0; at < 8_583; at += 23) {
    const error = await refusal('pyarrow-snappy-dictionary.parquet', (bytes) =>
      bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8))),
    );
    refused += error === undefined ? 0 : 1;
  }
  assert.ok(refused > 10, `${refused} refusals`);
  console.log(`374 files with one flipped bit: ${refused} refused, none crashed`);
  const tookMillis = performance.now() - started;
  await assertWithin('reading 374 damaged files', { tookMillis, limitMillis: 60_000 });
});
