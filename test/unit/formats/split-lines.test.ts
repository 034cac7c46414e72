import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, splitLines } from '#core/formats/split-lines.ts';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Uint8Array, sizes = [65_536], lineBytes = 1_000): Promise<Line[]> {
  return await Array.fromAsync(splitLines(chunksOf(bytes, sizes), { startByte: 0, lineBytes }));
}

function text(line: Line | undefined): string | undefined {
  return line?.content && new TextDecoder('utf-8', { ignoreBOM: true }).decode(line.content);
}

const encode = (value: string) => new TextEncoder().encode(value);

test('lines tile the file and hold what lies between line ends, however it is chunked', async () => {
  const piece = fc.constantFrom('\n', '\r\n', 'a', 'ß', '😀', ' ', '\t', '"', 'word');
  const files = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (file, sizes) => {
        const bytes = encode(file);
        const lines = await linesOf(bytes, sizes);
        let at = 0;
        for (const line of lines) {
          assert.equal(line.offset, at);
          at += line.sizeBytes;
        }
        assert.equal(at, bytes.length);
        const expected = file
          .split('\n')
          .map((line, index, all) =>
            index < all.length - 1 ? line.replace(/\r$/, '') : line.replace(/\r$/, ''),
          );
        if (expected.at(-1) === '' && (file === '' || file.endsWith('\n'))) expected.pop();
        assert.deepEqual(lines.map(text), expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('a line over the limit has no content, is counted whole, and its neighbours are intact', async () => {
  const lines = await linesOf(encode(`first\n${'x'.repeat(1_001)}\nlast`), [7]);

  assert.deepEqual(lines.map(text), ['first', undefined, 'last']);
  assert.equal(lines[1]?.sizeBytes, 1_002);
  assert.equal(lines[1]?.blank, false);
});

test('a line of exactly the limit is kept, with either line end and a BOM', async () => {
  for (const [before, after] of [
    ['', '\n'],
    ['', '\r\n'],
    ['\uFEFF', '\r\n'],
    ['', ''],
  ] as const) {
    const lines = await linesOf(encode(`${before}${'x'.repeat(1_000)}${after}`), [3]);
    assert.equal(text(lines[0])?.length, 1_000);
  }
});

test('a BOM is dropped at the start of the file only, also when a chunk cuts it', async () => {
  const lines = await linesOf(encode('\uFEFFa\n\uFEFFb\n'), [1]);

  assert.deepEqual(lines.map(text), ['a', '\uFEFFb']);
});

test('lines of white space are blank, and a file of a BOM alone has no row', async () => {
  const lines = await linesOf(encode('\uFEFF\n \t\r\n\u00A0\nx'), [2]);

  assert.deepEqual(
    lines.map((line) => line.blank),
    [true, true, false, false],
  );
});

test('memory stays flat while a line of 64 MiB goes by', async () => {
  const chunk = new Uint8Array(65_536).fill(0x78);
  async function* giant(): AsyncGenerator<Uint8Array> {
    for (let turn = 0; turn < 1_024; turn += 1) yield chunk;
    yield encode('\nrow\n');
  }
  const before = process.memoryUsage().arrayBuffers;
  const lines = await Array.fromAsync(splitLines(giant(), { startByte: 0, lineBytes: 1_048_576 }));

  assert.deepEqual(lines.map(text), [undefined, 'row']);
  assert.ok(process.memoryUsage().arrayBuffers - before < 4_194_304);
});
