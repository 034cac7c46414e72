import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultLimits } from '#core/contract/limits.ts';
import { rowParserFor } from '#core/formats/parse-row.ts';
import type { ParsedRow } from '#core/formats/read-row-fields.ts';

const jsonl = rowParserFor('jsonl', defaultLimits);
const lines = rowParserFor('lines', defaultLimits);

function lineOf(content: Uint8Array | string | undefined) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { offset: 0, sizeBytes: bytes?.length ?? 2_000_000, content: bytes, blank: false };
}

function codeOf(row: ParsedRow): string {
  return row.ok ? 'ok' : row.error.code;
}

test('a JSONL row gives its text and its own id', () => {
  assert.deepEqual(jsonl(lineOf('{"text":"a","id":"x","label":1}')), {
    ok: true,
    text: 'a',
    id: 'x',
  });
  assert.deepEqual(jsonl(lineOf('{"text":"a","custom_id":"y"}')), { ok: true, text: 'a', id: 'y' });
  assert.deepEqual(jsonl(lineOf('{"text":"a","id":7}')), { ok: true, text: 'a', id: 7 });
});

test('a bad JSONL row names its fault and keeps the id that can be read', () => {
  const cases: [string | Uint8Array | undefined, string][] = [
    ['{"text":""}', 'invalid_row'],
    ['{"text":" \\n\\u00a0"}', 'invalid_row'],
    [`{"text":"${'x'.repeat(5_001)}"}`, 'invalid_row'],
    ['{"text":5}', 'invalid_row'],
    ['{"text":null}', 'invalid_row'],
    ['{}', 'invalid_row'],
    ['"text"', 'invalid_row'],
    ['[1]', 'invalid_row'],
    ['null', 'invalid_row'],
    ['{"text":"a"', 'invalid_json'],
    ['{"text":NaN}', 'invalid_json'],
    [`${'['.repeat(100_000)}`, 'invalid_json'],
    ['{"text":"a","id":{}}', 'invalid_row'],
    [Uint8Array.of(0x7b, 0xff, 0x7d), 'invalid_utf8'],
    [undefined, 'line_too_long'],
  ];
  for (const [content, code] of cases) {
    assert.equal(codeOf(jsonl(lineOf(content))), code, String(content).slice(0, 40));
  }
  assert.equal(jsonl(lineOf('{"text":"","id":"kept"}')).id, 'kept');
});

test('a text at the limit passes and its length is counted in UTF-16 units', () => {
  assert.equal(codeOf(jsonl(lineOf(JSON.stringify({ text: 'x'.repeat(5_000) })))), 'ok');
  assert.equal(codeOf(jsonl(lineOf(JSON.stringify({ text: '😀'.repeat(2_500) })))), 'ok');
  assert.equal(codeOf(jsonl(lineOf(JSON.stringify({ text: '😀'.repeat(2_501) })))), 'invalid_row');
});

test('a plain line is the text itself', () => {
  assert.deepEqual(lines(lineOf('{"text":"a"}')), { ok: true, text: '{"text":"a"}' });
  assert.equal(codeOf(lines(lineOf(Uint8Array.of(0xc3)))), 'invalid_utf8');
  assert.equal(codeOf(lines(lineOf('\u00a0'))), 'invalid_row');
});

test('no row makes the parser throw or repeats its text in an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const parse of [jsonl, lines]) {
        const row = parse(lineOf(bytes));
        if (!row.ok) assert.ok(row.error.detail.length > 0);
      }
    }),
    { numRuns: 2_000 },
  );
  const secret = 'correct horse battery staple';
  for (const content of [`{"text":"${secret}`, `{"txt":"${secret}"}`, `["${secret}"]`]) {
    const row = jsonl(lineOf(content));
    assert.ok(!row.ok && !row.error.detail.includes('horse'));
  }
});
