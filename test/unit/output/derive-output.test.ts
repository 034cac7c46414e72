import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { OutputFormat } from '#core/contract/job.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { deriveOutput } from '#work/output/derive-output.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

const prefix = 'bucket/outbox/model/file/';

function jobOf(outputFormat: OutputFormat | undefined): JobRecord {
  const wish = outputFormat === undefined ? {} : { outputFormat };
  return {
    schema: 1,
    id: 'job_1',
    tenant: 'local',
    source: 'drop',
    createdAt: '2026-01-01T00:00:00.000Z',
    requestSha256: '',
    model: 'model',
    modelVersion: '1',
    modelSha256: '',
    variant: 'cpu-int8',
    provider: 'cpu',
    lane: 'cpu-fleet',
    input: { uri: 'inline', sizeBytes: 0, files: [] },
    output: { prefix },
    ...wish,
    cellBytes: 1,
    shardBytes: 1,
    workers: 1,
  };
}

async function storeWith(lines: readonly object[]): Promise<ObjectStore> {
  const store = createMemoryObjectStore();
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await store.put(`${prefix}results.jsonl`, Buffer.from(text));
  return store;
}

async function derive(store: ObjectStore, format: OutputFormat, rows = 1): Promise<Buffer> {
  const { derived } = await deriveOutput(store, jobOf(format), { rows });
  const name = `results.${format}`;
  const bytes = Buffer.from((await store.read(prefix + name)) ?? []);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(derived, { [name]: { rows, size_bytes: bytes.length, sha256 } });
  const left: string[] = [];
  for await (const { key } of store.list('work/')) left.push(key);
  assert.deepEqual(left, [], 'no piece is left');
  return bytes;
}

async function readParquet(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = Uint8Array.from(bytes).buffer;
  return await parquetReadObjects({ file });
}

const lines = [
  { index: 0, id: 7, label: 'POSITIVE', score: 1, scores: [{ label: 'POSITIVE', score: 1 }] },
  { index: 1, id: 'a,b', label: 'say "no"', score: 0.25, truncated: true, input: { note: '=1+1' } },
  { index: 3, label: 'two\nlines', score: 0.5, input: { note: '', label: 'theirs', stars: 4 } },
  { index: 4, embedding: [0.5, -0.25, 1], input: { note: null } },
];

test('CSV has our columns, then the joined ones, quoted as RFC 4180 says', async () => {
  const csv = (await derive(await storeWith(lines), 'csv')).toString('utf8');

  assert.equal(
    csv,
    [
      'index,id,label,score,scores,embedding,truncated,note,input.label,stars',
      '0,7,POSITIVE,1,"[{""label"":""POSITIVE"",""score"":1}]",,,,,',
      '1,"a,b","say ""no""",0.25,,,true,=1+1,,',
      '3,,"two\nlines",0.5,,,,"",theirs,4',
      '4,,,,,"[0.5,-0.25,1]",,,,',
      '',
    ].join('\r\n'),
  );
});

test('Parquet has the same columns with their types', async () => {
  const bytes = await derive(await storeWith(lines), 'parquet');

  assert.equal(parquetMetadata(Uint8Array.from(bytes)).created_by, 'switchyard');
  const [first, second, , fourth] = await readParquet(bytes);
  // The library gives a missing list as undefined.
  assert.deepEqual(
    { ...first, embedding: first?.['embedding'] ?? null },
    {
      index: 0n,
      id: '7',
      label: 'POSITIVE',
      score: 1,
      scores: '[{"label":"POSITIVE","score":1}]',
      embedding: null,
      truncated: null,
      note: null,
      'input.label': null,
      stars: null,
    },
  );
  assert.deepEqual([second?.['truncated'], second?.['note']], [true, '=1+1']);
  assert.deepEqual(fourth?.['embedding'], [0.5, -0.25, 1]);
});

test('compressed formats hold what the plain ones hold, without a time', async () => {
  const store = await storeWith(lines);
  const csv = await derive(store, 'csv');

  const csvGz = await derive(store, 'csv.gz');
  const jsonlGz = await derive(store, 'jsonl.gz');

  assert.deepEqual(gunzipSync(csvGz), csv);
  assert.deepEqual(
    gunzipSync(jsonlGz),
    Buffer.from((await store.read(`${prefix}results.jsonl`)) ?? []),
  );
  for (const gz of [csvGz, jsonlGz]) {
    assert.deepEqual(
      [...gz.subarray(3, 10)],
      [0, 0, 0, 0, 0, 0, 255],
      'no name, no time, no system',
    );
  }
});

const lineArbitrary = fc.record({
  id: fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()), { nil: undefined }),
  label: fc.string({ unit: 'grapheme', maxLength: 12 }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
  input: fc.record({ a: fc.option(fc.string({ unit: 'grapheme' })), b: fc.integer() }),
});

test('any results come back from CSV and Parquet, and give the same bytes again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lineArbitrary, { minLength: 1, maxLength: 40 }), async (rows) => {
      const results = rows.map((row, index) => ({ index, ...row }));
      const store = await storeWith(results);
      const parquet = await derive(store, 'parquet', rows.length);
      const csv = await derive(store, 'csv', rows.length);

      const table = await readParquet(parquet);
      const records: Record<string, string>[] = parse(csv, { columns: true });

      for (const [at, { id, label, score, input }] of results.entries()) {
        assert.equal(table[at]?.['label'], label);
        assert.equal(table[at]?.['score'], score);
        assert.equal(table[at]?.['a'], input.a);
        assert.equal(String(table[at]?.['id'] ?? ''), String(id ?? ''));
        assert.equal(records[at]?.['label'], label);
        assert.equal(Number(records[at]?.['score']), score);
        assert.equal(records[at]?.['id'] ?? '', String(id ?? ''));
      }
      assert.deepEqual(await derive(await storeWith(results), 'parquet', rows.length), parquet);
    }),
    { numRuns: 40 },
  );
});

test('no results give a table without rows', async () => {
  const store = await storeWith([]);

  assert.equal((await derive(store, 'csv', 0)).toString(), 'index\r\n');
  assert.deepEqual(await readParquet(await derive(store, 'parquet', 0)), []);
  assert.equal(gunzipSync(await derive(store, 'jsonl.gz', 0)).length, 0);
});

test('no wish, or that for JSONL, writes nothing', async () => {
  const store = await storeWith(lines);

  assert.deepEqual(await deriveOutput(store, jobOf(undefined), { rows: 4 }), {});
  assert.deepEqual(await deriveOutput(store, jobOf('jsonl'), { rows: 4 }), {});
});

// Few rows of long labels that no codec shortens much: three pieces of 8 MiB.
const manyLines = Array.from({ length: 9_000 }, (_, index) => ({
  index,
  label: createHash('shake256', { outputLength: 1_500 }).update(`${index}`).digest('base64'),
  score: index / 9_000,
}));

test('a finish that dies at any write is healed by the next one, with the same bytes', async () => {
  const expected = await derive(await storeWith(manyLines), 'csv', manyLines.length);
  assert.ok(expected.length > 16 * 1_048_576, 'three pieces');
  const store = await storeWith(manyLines);

  for (let survivedWrites = 0; survivedWrites < 4; survivedWrites++) {
    let writes = 0;
    const dying = async <Result>(write: () => Promise<Result>): Promise<Result> => {
      if (writes++ === survivedWrites) throw new Error('killed');
      return await write();
    };
    const mortal: ObjectStore = {
      ...store,
      putIfAbsent: (key, body) => dying(() => store.putIfAbsent(key, body)),
      concatenateIfAbsent: (key, all) => dying(() => store.concatenateIfAbsent(key, all)),
    };
    await assert.rejects(deriveOutput(mortal, jobOf('csv'), { rows: 1 }), /killed/);
  }

  assert.ok(expected.equals(await derive(store, 'csv', manyLines.length)));
});

test('pieces of another version are replaced, a foreign file is refused', async () => {
  const store = await storeWith(lines);
  await store.put('work/jobs/job_1/derived/csv/000000', Buffer.from('of an older version'));
  const csv = await derive(store, 'csv');
  assert.ok(csv.toString().startsWith('index,'));

  await store.put(`${prefix}results.parquet`, Buffer.from('mine'));

  await assert.rejects(
    deriveOutput(store, jobOf('parquet'), { rows: 4 }),
    (error: unknown) => error instanceof SwitchyardError && error.code === 'corrupt_object',
  );
});

test('eight finishers at once leave one whole file', async () => {
  const store = await storeWith(manyLines);

  const ends = await Promise.all(
    Array.from({ length: 8 }, () => deriveOutput(store, jobOf('parquet'), { rows: 9_000 })),
  );

  assert.equal(new Set(ends.map((end) => JSON.stringify(end))).size, 1);
  const rows = await readParquet(Buffer.from((await store.read(`${prefix}results.parquet`)) ?? []));
  assert.equal(rows.length, 9_000);
  assert.equal(rows[8_999]?.['label'], manyLines[8_999]?.label);
});
