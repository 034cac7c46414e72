import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultLimits } from '#core/contract/limits.ts';
import { readInlineItems } from '../../../cli/files/read-items.ts';

async function* inChunks(text: string, chunkBytes = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

test('the rows of a JSONL file become the items, in order', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const texts = text.filter((value) => value.trim() !== '');
  const row = texts.map((value) => ({ text: value }));
  await fc.assert(
    fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 64 }), async (rows, chunkBytes) => {
      const content = rows.map((each) => `${JSON.stringify(each)}\n`).join('');

      const read = await readInlineItems(inChunks(content, chunkBytes), 'jsonl', defaultLimits);

      assert.deepEqual(read, { kind: 'items', items: rows });
    }),
  );
});

test('ids go along, blank lines and other fields do not', async () => {
  const content = '\uFEFF{"id":7,"text":"a"}\r\n\n{"custom_id":"x","text":"b","stars":3}';

  const read = await readInlineItems(inChunks(content), 'jsonl', defaultLimits);

  const items = [
    { id: 7, text: 'a' },
    { id: 'x', text: 'b' },
  ];
  assert.deepEqual(read, { kind: 'items', items });
});

test('a plain line is a text as it stands', async () => {
  const read = await readInlineItems(inChunks('{"text":"a"}\n b\n'), 'lines', defaultLimits);

  assert.deepEqual(read, { kind: 'items', items: [{ text: '{"text":"a"}' }, { text: ' b' }] });
});

test('a file travels as a file when a row is bad, and the reason names the line', async () => {
  const read = await readInlineItems(
    inChunks('{"text":"a"}\n\n{"text":\n'),
    'jsonl',
    defaultLimits,
  );

  assert.ok(read.kind === 'file');
  assert.match(read.reason, /^line 3 has an error: the JSON is malformed/);
});

test('a file travels as a file from one row over the limit of a request', async () => {
  const limits = { ...defaultLimits, requestItems: 3 };

  const three = await readInlineItems(inChunks('a\nb\nc\n'), 'lines', limits);
  const four = await readInlineItems(inChunks('a\nb\nc\nd\n'), 'lines', limits);

  assert.equal(three.kind, 'items');
  assert.equal(four.kind, 'file');
});

test('items never make a body over the limit', async () => {
  const limits = { ...defaultLimits, bodyBytes: 6_000 };
  const kinds = new Set<string>();
  for (let rows = 1; rows < 400; rows += 7) {
    const read = await readInlineItems(inChunks('"ä"\n'.repeat(rows), 4_096), 'lines', limits);
    kinds.add(read.kind);
    if (read.kind === 'items') {
      assert.ok(Buffer.byteLength(JSON.stringify({ items: read.items })) <= limits.bodyBytes);
    }
  }
  assert.deepEqual([...kinds], ['items', 'file']);
});
