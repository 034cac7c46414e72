import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SpotWait, whyLeaveSpot } from '#core/jobs/leave-spot.ts';

const calm: SpotWait = { losses: 0, workers: 2, leftMillis: undefined, neededMillis: 480_000 };

test('without a deadline only losses make a job leave spot', () => {
  assert.equal(whyLeaveSpot(calm), undefined);
  assert.equal(whyLeaveSpot({ ...calm, losses: 5 }), undefined);
  assert.match(whyLeaveSpot({ ...calm, losses: 6 }) ?? '', /^6 spot instances/);
});

test('a deadline makes it leave when on-demand is only just in time, not before and not after it', () => {
  for (const [leftMillis, leaves] of [
    [480_001, false],
    [480_000, true],
    [1, true],
    [0, false],
    [-5, false],
  ] as const) {
    assert.equal(whyLeaveSpot({ ...calm, leftMillis }) !== undefined, leaves, String(leftMillis));
  }
});

test('more losses, or less time before the deadline, never make a job stay that would leave', () => {
  const wait = fc.record({
    losses: fc.nat(50),
    workers: fc.integer({ min: 1, max: 10 }),
    leftMillis: fc.integer({ min: 2, max: 1_000_000 }),
    neededMillis: fc.nat(1_000_000),
  });
  fc.assert(
    fc.property(wait, (at) => {
      if (whyLeaveSpot(at) === undefined) return;
      assert.ok(whyLeaveSpot({ ...at, losses: at.losses + 1 }));
      assert.ok(whyLeaveSpot({ ...at, leftMillis: at.leftMillis - 1 }));
    }),
  );
});
