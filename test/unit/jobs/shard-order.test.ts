import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shardOrder } from '#core/jobs/shard-order.ts';

test('every worker looks at every shard exactly once', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(100), fc.nat(200), (arrayIndex, arraySize, shards) => {
      const order = shardOrder({ arrayIndex, arraySize, shards });
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        Array.from({ length: shards }, (_, at) => at),
      );
    }),
  );
});

test('64 workers on 64 shards start on 64 different ones', () => {
  const first = Array.from({ length: 64 }, (_, arrayIndex) => {
    return shardOrder({ arrayIndex, arraySize: 64, shards: 64 })[0];
  });

  assert.equal(new Set(first).size, 64);
});
