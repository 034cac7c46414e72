import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { joinQueuedRows, type QueuedRow } from '#inference/join-queued-rows.ts';

const queuedRow = fc.record({
  model: fc.constantFrom('a', 'b'),
  tokens: fc.integer({ min: 2, max: 512 }),
  alone: fc.boolean(),
});
const queue = fc.array(queuedRow, { minLength: 1, maxLength: 60 });

function row(tokens: number, model = 'a', alone = false): QueuedRow {
  return { model, tokens, alone };
}

test('the oldest row is always part of the run', () => {
  fc.assert(fc.property(queue, (rows) => assert.equal(joinQueuedRows(rows, 0)[0], 0)));
});

test('joined rows share a model, stay within 256 tokens and 25 % padding', () => {
  fc.assert(
    fc.property(queue, (rows) => {
      const joined = joinQueuedRows(rows, 0).flatMap((index) => rows[index] ?? []);
      if (joined.length === 1) return;
      const size = joined.length * Math.max(...joined.map(({ tokens }) => tokens));
      const tokens = joined.reduce((sum, each) => sum + each.tokens, 0);
      assert.ok(size <= 256);
      assert.ok(size - tokens <= 0.25 * size);
      assert.ok(joined.every(({ alone, model }) => !alone && model === joined[0]?.model));
    }),
  );
});

test('rows of like length join, a much longer or shorter one waits', () => {
  assert.deepEqual(joinQueuedRows([row(20), row(22), row(100), row(4), row(18)], 0), [0, 1, 4]);
});

test('a row that must run alone has no company and is no company', () => {
  assert.deepEqual(joinQueuedRows([row(20, 'a', true), row(20)], 0), [0]);
  assert.deepEqual(joinQueuedRows([row(20), row(20, 'a', true), row(20)], 0), [0, 2]);
});
