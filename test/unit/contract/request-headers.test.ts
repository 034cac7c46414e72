import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIdempotencyKey } from '#core/contract/idempotency-key.ts';
import { prefersAsync } from '#core/contract/prefer-header.ts';
import { parseRangeHeader } from '#core/contract/range-header.ts';

test('prefersAsync finds respond-async in any RFC 7240 list', () => {
  for (const lines of [
    ['respond-async'],
    ['Respond-Async'],
    ['wait=10, respond-async'],
    ['return=minimal', 'respond-async'],
    ['respond-async; foo=bar'],
    ['handling="a, b" , respond-async'],
    ['respond-async=""'],
  ]) {
    assert.equal(prefersAsync(lines), true, lines.join(' | '));
  }
});

test('prefersAsync is not taken in by what only looks like it', () => {
  for (const lines of [
    [],
    [''],
    ['wait=10'],
    ['x-respond-async'],
    ['respond-asynchronously'],
    ['note="respond-async"'],
    ['note="a, respond-async, b"'],
    ['return=respond-async'],
  ]) {
    assert.equal(prefersAsync(lines), false, lines.join(' | '));
  }
});

test('prefersAsync reads a long hostile header in linear time', () => {
  assert.equal(prefersAsync([`"${'\\"'.repeat(8_000)},${'"'.repeat(8_001)}`]), false);
});

test('parseIdempotencyKey takes a bare and a quoted key alike', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!#-~]{1,253}$/), (key) => {
      assert.equal(parseIdempotencyKey(key), key);
      assert.equal(parseIdempotencyKey(`"${key}"`), key);
    }),
  );
});

test('parseIdempotencyKey refuses what is empty, too long or not visible ASCII', () => {
  for (const key of ['', '""', ' ', 'a b', 'ä', 'a\u{7f}', 'x'.repeat(256)]) {
    assert.throws(() => parseIdempotencyKey(key), { code: 'invalid_request' }, key);
  }
  assert.equal(parseIdempotencyKey('x'.repeat(255))?.length, 255);
  assert.equal(parseIdempotencyKey(undefined), undefined);
});

test('parseRangeHeader gives a part inside the object, the whole, or a refusal', () => {
  const bounds = fc.oneof(fc.constant(''), fc.nat(50).map(String));
  fc.assert(
    fc.property(bounds, bounds, fc.nat(40), (first, last, sizeBytes) => {
      try {
        const range = parseRangeHeader(`bytes=${first}-${last}`, sizeBytes);
        if (range === undefined) return;
        assert.ok(0 <= range.startByte && range.startByte < range.endByte);
        assert.ok(range.endByte <= sizeBytes);
      } catch (error) {
        assert.equal(Reflect.get(Object(error), 'code'), 'range_not_satisfiable');
      }
    }),
  );
});

test('parseRangeHeader reads the three forms of one range', () => {
  assert.deepEqual(parseRangeHeader('bytes=2-5', 10), { startByte: 2, endByte: 6 });
  assert.deepEqual(parseRangeHeader('bytes=2-', 10), { startByte: 2, endByte: 10 });
  assert.deepEqual(parseRangeHeader('bytes=-3', 10), { startByte: 7, endByte: 10 });
  assert.deepEqual(parseRangeHeader('bytes=-30', 10), { startByte: 0, endByte: 10 });
  for (const whole of [undefined, 'bytes=-', 'bytes=0-1,3-4', 'rows=0-1', 'bytes=5-2']) {
    assert.equal(parseRangeHeader(whole, 10), undefined, whole);
  }
  for (const outside of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) {
    assert.throws(() => parseRangeHeader(outside, 10), { code: 'range_not_satisfiable' }, outside);
  }
});
