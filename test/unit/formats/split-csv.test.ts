import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CsvRecord, splitCsv } from '#core/formats/split-csv.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recordsOf(
  content: string,
  { size = 65_536, lineBytes = 1_000 } = {},
): Promise<CsvRecord[]> {
  const bytes = new TextEncoder().encode(content);
  const source = { startByte: 0, lineBytes, delimiter: ',' };
  return await Array.fromAsync(splitCsv(chunksOf(bytes, size), source));
}

const textOf = ({ content }: CsvRecord) => content && new TextDecoder().decode(content);

test('a line end in quotes belongs to the record, however it is chunked', async () => {
  const content = 'a,"b\n""c\r\n",d\r\n"x","y"\n\n,"\n",\nlast';
  for (const size of [1, 2, 3, 5, 100]) {
    const records = await recordsOf(content, { size });

    const expected = ['a,"b\n""c\r\n",d', '"x","y"', '', ',"\n",', 'last'];
    assert.deepEqual(records.map(textOf), expected, `chunks of ${size}`);
    assert.deepEqual(
      records.map(({ lines }) => lines),
      [3, 1, 1, 2, 1],
    );
    assert.deepEqual(
      records.map(({ blank }) => blank),
      [false, false, true, false, false],
    );
  }
});

test('a quote inside an unquoted field or after a closing quote opens nothing', async () => {
  const records = await recordsOf('5" disk,a\n"a"b,"c"\n x "y,z\nend\n');

  assert.deepEqual(records.map(textOf), ['5" disk,a', '"a"b,"c"', ' x "y,z', 'end']);
});

test('a BOM does not hide the quote behind it, also when a chunk cuts it', async () => {
  for (const size of [1, 2, 100]) {
    assert.equal((await recordsOf('\uFEFF"a\nb",c\nd,e\n', { size })).length, 2);
  }
  assert.equal((await recordsOf('\uFEFF\uFEFF"a\nb"\n')).length, 2);
});

test('a record over the limit has no content, is read to its own end, and is one', async () => {
  const giant = `x,"${'long\n'.repeat(300)}"`;
  const records = await recordsOf(`a,b\n${giant}\nlast,row\n`, { size: 7 });

  assert.deepEqual(records.map(textOf), ['a,b', undefined, 'last,row']);
  assert.equal(records[1]?.lines, 301);
  assert.equal(records[1]?.sizeBytes, giant.length + 1);
});

test('an unclosed quote names the line of the record on which it opens', async () => {
  const records = await recordsOf('a,b\n"x\ny","z\nrest\n', { size: 3 });

  assert.equal(records.length, 2);
  assert.equal(records[1]?.openQuoteLine, 1);
  assert.equal(records[0]?.openQuoteLine, undefined);
});

test('records tile any bytes and do not depend on the chunks', async () => {
  const piece = fc.constantFrom('\n', '\r\n', '"', '""', ',', 'a', 'ß', '\uFEFF', ' ');
  const property = fc.asyncProperty(
    fc.array(piece, { maxLength: 40 }),
    fc.integer({ min: 1, max: 9 }),
    async (pieces, size) => {
      const content = pieces.join('');
      const records = await recordsOf(content, { size });
      let at = 0;
      for (const record of records) {
        assert.equal(record.offset, at);
        at += record.sizeBytes;
      }
      assert.equal(at, new TextEncoder().encode(content).length);
      assert.deepEqual(records, await recordsOf(content));
    },
  );
  await fc.assert(property, { numRuns: 1_000 });
});

test('memory stays flat while a quoted field of 64 MiB goes by', async () => {
  const chunk = new Uint8Array(65_536).fill(0x78);
  chunk[9] = 0x0a;
  async function* giant(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('a,"');
    for (let turn = 0; turn < 1_024; turn += 1) yield chunk;
    yield new TextEncoder().encode('"\nrow,b\n');
  }
  const before = process.memoryUsage().arrayBuffers;
  const source = { startByte: 0, lineBytes: 1_048_576, delimiter: ',' };
  const records = await Array.fromAsync(splitCsv(giant(), source));

  assert.deepEqual(records.map(textOf), [undefined, 'row,b']);
  assert.equal(records[0]?.lines, 1_025);
  assert.ok(process.memoryUsage().arrayBuffers - before < 4_194_304);
});
