import assert from 'node:assert/strict';
import test from 'node:test';
import { mapLimited } from '#core/map-limited.ts';

test('results stand in the order of the items, with no more calls at a time than the limit', async () => {
  let running = 0;
  let most = 0;
  const doubled = await mapLimited([1, 2, 3, 4, 5], { limit: 2 }, async (item) => {
    running += 1;
    most = Math.max(most, running);
    // The first ones take the most turns, so that they are overtaken.
    for (let turn = item; turn < 5; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 2;
  });
  assert.deepEqual(doubled, [2, 4, 6, 8, 10]);
  assert.equal(most, 2);
});

test('it rejects once every started call has ended, and starts none after a failure', async () => {
  const gate = Promise.withResolvers<void>();
  const ended: number[] = [];
  let isRejected = false;
  const mapped = mapLimited([0, 1, 2], { limit: 2 }, async (item) => {
    if (item === 0) throw new TypeError('the first one fails');
    await gate.promise;
    ended.push(item);
  }).finally(() => {
    isRejected = true;
  });
  mapped.catch(() => {});
  await new Promise(setImmediate);
  assert.equal(isRejected, false);
  gate.resolve();
  await assert.rejects(mapped, TypeError);
  assert.deepEqual(ended, [1]);
});
