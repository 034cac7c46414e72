import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { locateJsonError } from '#core/contract/locate-json-error.ts';
import { parseJson, parseJsonText } from '#core/contract/parse-json.ts';
import type { ErrorCode } from '#core/error-codes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const limits = { jsonDepth: 32 };
const bytes = (text: string) => new TextEncoder().encode(text);

function refusal(parse: () => unknown): SwitchyardError {
  try {
    parse();
  } catch (error) {
    if (error instanceof SwitchyardError) return error;
    throw error;
  }
  return assert.fail('nothing was refused');
}

function assertRefused(parse: () => unknown, code: ErrorCode): SwitchyardError {
  const error = refusal(parse);
  assert.equal(error.code, code);
  return error;
}

function nested(depth: number): string {
  return `${'['.repeat(depth)}1${']'.repeat(depth)}`;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('parseJson gives back every value that JSON.stringify wrote', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
      fc.pre(depthOf(value) <= limits.jsonDepth);
      const text = JSON.stringify(value);
      assert.deepEqual(parseJson(bytes(text), limits), JSON.parse(text));
      assert.deepEqual(parseJson(bytes(`\u{feff}${text}`), limits), JSON.parse(text));
    }),
  );
});

test('parseJson takes 32 levels and refuses 33', () => {
  assert.ok(Array.isArray(parseJsonText(nested(32), limits)));
  const error = assertRefused(() => parseJsonText(nested(33), limits), 'invalid_json');
  assert.equal(error.members['limit_depth'], 32);
});

test('parseJson refuses 100,000 levels after reading the first 33', () => {
  for (const opening of ['[', '{"a":', '[{"a":']) {
    const error = assertRefused(
      () => parseJsonText(opening.repeat(100_000), limits),
      'invalid_json',
    );
    assert.ok(Number(error.members['position']) < 33 * opening.length);
  }
});

test('parseJson does not count brackets inside strings', () => {
  const text = `${'['.repeat(50)}\\"${'{'.repeat(50)}`;

  assert.equal(parseJsonText(JSON.stringify(text), limits), text);
});

test('parseJson refuses bytes that are not UTF-8', () => {
  for (const bad of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x22, 0xe9, 0x22]]) {
    assertRefused(() => parseJson(new Uint8Array(bad), limits), 'invalid_utf8');
  }
});

test('parseJson refuses nothing at all', () => {
  for (const empty of ['', ' \n', '\u{feff}']) {
    assertRefused(() => parseJson(bytes(empty), limits), 'invalid_json');
  }
});

test('parseJson names the place of an error and never the content', () => {
  const cases: readonly (readonly [text: string, position: number])[] = [
    ['secret', 0],
    ['{"text": secret}', 9],
    ['{"text": "secret', 16],
    ['{"text": "secret",}', 18],
    ['{"a":1}\nsecret', 8],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['"\\x"', 1],
    ['"a\nb"', 2],
    ['[01]', 2],
    ['[1,]', 3],
    [']', 0],
  ];
  for (const [text, position] of cases) {
    const error = assertRefused(() => parseJsonText(text, limits), 'invalid_json');
    assert.equal(error.members['position'], position, text);
    assert.ok(!error.detail.includes('secret'), error.detail);
  }
});

test('parseJson counts lines and columns from 1', () => {
  const error = refusal(() => parseJsonText('{\n  "a": 1,\n  b: 2\n}', limits));

  assert.match(error.detail, /line 3, column 3/);
});

test('locateJsonError finds a place where a well-formed beginning stops being one', () => {
  const broken = fc
    .tuple(fc.json({ maxDepth: 5 }), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '1', 'x'))
    .map(([text, at, extra]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + extra + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(broken, (text) => {
      const at = locateJsonError(text);
      if (isJson(text)) return assert.equal(at, text.length);
      assert.ok(at <= text.length);
      // What stands behind the place has no say in it.
      assert.equal(locateJsonError(`${text.slice(0, at + 1)}\u0001`), at);
    }),
    { numRuns: 2_000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
