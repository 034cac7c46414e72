import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { tokenBatches } from '#inference/token-batches.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 80 });
const budget = fc.integer({ min: 0, max: 1024 });

test('token batches hold every index exactly once', () => {
  fc.assert(
    fc.property(lengths, budget, (rows, tokenBudget) => {
      const indices = tokenBatches(rows, tokenBudget).flat();
      const sorted = [...indices].sort((a, b) => a - b);
      assert.deepEqual(sorted, [...rows.keys()]);
    }),
  );
});

test('a token batch keeps the budget, padding counted, unless it is a single row', () => {
  fc.assert(
    fc.property(lengths, budget, (rows, tokenBudget) => {
      for (const batch of tokenBatches(rows, tokenBudget)) {
        const longest = Math.max(...batch.map((index) => rows[index] ?? 0));
        assert.ok(batch.length === 1 || batch.length * longest <= tokenBudget);
      }
    }),
  );
});

test('token batches are filled: no two neighbours would fit into one', () => {
  fc.assert(
    fc.property(lengths, budget, (rows, tokenBudget) => {
      const batches = tokenBatches(rows, tokenBudget);
      for (const [place, batch] of batches.entries()) {
        const [first] = batches[place + 1] ?? [];
        if (first === undefined) continue;
        assert.ok((batch.length + 1) * (rows[first] ?? 0) > tokenBudget);
      }
    }),
  );
});

test('token batches list rows of equal length in order of index', () => {
  assert.deepEqual(tokenBatches([5, 3, 5, 3, 9, 5], 10), [[1, 3], [0, 2], [5], [4]]);
});
