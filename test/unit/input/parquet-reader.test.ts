import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { cellsOf } from '#core/jobs/job-plan.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { readPlanned } from '../../fixtures/parquet/read-parquet.ts';
import { parquetBytes, putInput } from '../../fixtures/parquet/write-parquet.ts';

const compressors = { GZIP: gzipSync, ZSTD: zstdCompressSync };

const rowArbitrary = fc.record({
  text: fc.option(fc.string({ unit: 'grapheme', maxLength: 60 }), { freq: 8 }),
  id: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { freq: 4 }),
  note: fc.option(fc.constantFrom('a', 'b', 'c')),
});

const shapeArbitrary = fc.record({
  rowGroupSize: fc.integer({ min: 1, max: 40 }),
  pageSize: fc.constantFrom(16, 100, 1_048_576),
  codec: fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'),
  encoding: fc.constantFrom(undefined, 'PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'),
  cellBytes: fc.constantFrom(1, 700, 3_000, 262_144),
  shardBytes: fc.constantFrom(3_000, 1_048_576),
  anew: fc.boolean(),
});

test('rows written by the library come back from the reader, whatever the cells', async () => {
  let dose = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(rowArbitrary, { maxLength: 120, size: 'max' }),
      shapeArbitrary,
      async (rows, shape) => {
        const { rowGroupSize, pageSize, codec, encoding, ...wishes } = shape;
        const columns = {
          note: rows.map(({ note }) => note),
          id: rows.map(({ id }) => id),
          text: rows.map(({ text }) => text),
        };
        const bytes = parquetBytes(
          columns,
          { rowGroupSize, pageSize, codec, compressors },
          encoding,
        );
        const store = createMemoryObjectStore();
        const file = await putInput(store, bytes);

        const { plan, rows: read } = await readPlanned(store, file, {
          ...wishes,
          reading: { textColumn: 'text', join: ['note'] },
        });

        dose += rows.length;
        assert.equal(plan.rows, rows.length);
        assert.deepEqual(read.map(summary), rows.map(expectedSummary));
      },
    ),
    { numRuns: 150 },
  );
  console.log(`parquet round trip: ${dose} rows in 150 files`);
});

function summary({
  index,
  line,
  offset,
  id,
  input,
  parsed,
}: Awaited<ReturnType<typeof readPlanned>>['rows'][number]) {
  const text = parsed.ok ? parsed.text : parsed.error.code;
  return { index, line, offset, id, note: input?.[0]?.[1], text };
}

function expectedSummary(
  { text, id, note }: { text: string | null; id: bigint | null; note: string | null },
  index: number,
) {
  const isGood = text !== null && text.trim() !== '';
  return {
    index,
    line: index + 1,
    offset: index,
    id: id === null ? undefined : Number.isSafeInteger(Number(id)) ? Number(id) : String(id),
    note: isGood ? note : undefined,
    text: isGood ? text : 'invalid_row',
  };
}

test('cells tile the rows and never cross a row group', async () => {
  const store = createMemoryObjectStore();
  const text = Array.from({ length: 1_000 }, (_, row) => `${row} ${'long '.repeat(40)}`);
  const file = await putInput(store, parquetBytes({ text }, { rowGroupSize: 130 }));

  const { plan } = await readPlanned(store, file, { cellBytes: 8_192, shardBytes: 16_384 });

  const cells = plan.shards.flatMap((_, shard) => cellsOf(plan, shard));
  let next = 0;
  for (const { startPosition, endPosition, firstIndex, rows } of cells) {
    assert.equal(startPosition, next);
    assert.equal(firstIndex, next);
    assert.equal(endPosition - startPosition, rows);
    assert.equal(Math.floor(startPosition / 130), Math.floor((endPosition - 1) / 130));
    next = endPosition;
  }
  assert.equal(next, 1_000);
  assert.ok(plan.shards.length > 8, `${plan.shards.length} shards: several workers share the file`);
  assert.deepEqual(plan.files[0]?.columns, ['text']);
});

test('only the footer and the needed columns are read, with the pinned version', async () => {
  const memory = createMemoryObjectStore();
  const text = Array.from({ length: 200 }, (_, row) => `text ${row}`);
  const noise = text.map((_, row) => `${row}`.repeat(3_000));
  const file = await putInput(memory, parquetBytes({ text, noise }, { codec: 'UNCOMPRESSED' }));
  let readBytes = 0;
  const store: ObjectStore = {
    ...memory,
    read: async (key, options) => {
      assert.equal(options?.ifMatch, file.etag);
      const bytes = await memory.read(key, options);
      readBytes += bytes?.length ?? 0;
      return bytes;
    },
  };

  const { rows } = await readPlanned(store, file);

  assert.equal(rows.length, 200);
  assert.ok(file.sizeBytes > 1_000_000 && readBytes < 200_000, `${readBytes} of ${file.sizeBytes}`);
});

test('a cell at the end of a row group is read without decoding what is before it', async () => {
  const store = createMemoryObjectStore();
  const text = Array.from({ length: 40_000 }, (_, row) => `${row} `.repeat(40));
  const bytes = parquetBytes({ text }, { rowGroupSize: 40_000, pageSize: 65_536, codec: 'SNAPPY' });
  // The first page's body: whoever decompresses it fails.
  bytes.fill(0xff, 200, 2_000);
  const file = await putInput(store, bytes);
  const last = { shard: 0, file: 0, startPosition: 39_000, endPosition: 40_000, rows: 1_000 };

  const { rows } = await readPlanned(store, file, {
    cells: [{ ...last, firstIndex: 39_000, firstLine: 39_001 }],
  });

  assert.deepEqual(
    rows.map(({ parsed }) => parsed.ok && parsed.text),
    text.slice(39_000),
  );
  const first = { ...last, startPosition: 0, endPosition: 10, firstIndex: 0, firstLine: 1 };
  assert.equal(
    (await refusal(readPlanned(store, file, { cells: [first] }))).code,
    'corrupt_object',
  );
});

async function refusal(read: Promise<unknown>): Promise<SwitchyardError> {
  const error = await read.then(
    () => assert.fail('it was read'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SwitchyardError, String(error));
  return error;
}

test('the text column is the one asked for, else "text", else the only one of strings', async () => {
  const store = createMemoryObjectStore();
  const both = await putInput(
    store,
    parquetBytes({ title: ['a'], text: ['b'], n: [1] }),
    'both.parquet',
  );
  const only = await putInput(
    store,
    parquetBytes({ n: [1], id: ['x'], review: ['c'] }),
    'only.parquet',
  );
  const textOf = async (file: typeof both, textColumn?: string) => {
    const reading = textColumn === undefined ? {} : { textColumn };
    const { rows } = await readPlanned(store, file, { reading });
    const [row] = rows;
    return row?.parsed.ok === true ? row.parsed.text : undefined;
  };

  assert.equal(await textOf(both), 'b');
  assert.equal(await textOf(both, 'title'), 'a');
  assert.equal(await textOf(only), 'c');
});

test('a file without a text column is refused with the names of its columns', async () => {
  const store = createMemoryObjectStore();
  const two = await putInput(store, parquetBytes({ title: ['a'], body: ['b'] }), 'two.parquet');
  const number = await putInput(store, parquetBytes({ text: [1], body: ['b'] }), 'number.parquet');

  const unclear = await refusal(readPlanned(store, two));
  assert.equal(unclear.code, 'invalid_request');
  assert.match(unclear.detail, /"title".*"body"/);
  const missing = await refusal(readPlanned(store, two, { reading: { textColumn: 'txt' } }));
  assert.match(missing.detail, /textColumn names none.*"title"/);
  const wrong = await refusal(readPlanned(store, number, { reading: { textColumn: 'text' } }));
  assert.match(wrong.detail, /holds no strings.*body/);
});

test('bytes that are not UTF-8 make an error row, their neighbours go on', async () => {
  const store = createMemoryObjectStore();
  const text = [Buffer.from('fine'), Buffer.from([0xff, 0xfe]), Buffer.from('caf\u00e9')];
  const file = await putInput(store, parquetBytes({ text, id: ['a', 'b', 'c'] }));

  const { rows } = await readPlanned(store, file);

  assert.deepEqual(
    rows.map(({ parsed }) => (parsed.ok ? parsed.text : parsed.error.code)),
    ['fine', 'invalid_utf8', 'caf\u00e9'],
  );
});

test('another version of the file than the pinned one is refused', async () => {
  const store = createMemoryObjectStore();
  const file = await putInput(store, parquetBytes({ text: ['one'] }));
  await putInput(store, parquetBytes({ text: ['two'] }));

  assert.equal((await refusal(readPlanned(store, file))).code, 'object_changed');
});
