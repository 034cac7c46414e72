import assert from 'node:assert/strict';
import test from 'node:test';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { warmUpReceipt } from '#core/warming/warm-up-receipt.ts';
import { answerOf, failed } from '../../fixtures/warming/ping-answers.ts';

const prices = openShippedPrices({ today: '2026-11-24' });
const warmer = {
  millis: 130.2,
  memoryMib: 128,
  architecture: 'arm64',
  region: 'us-east-1',
} as const;

test('a receipt names distinct environments, what was started, avoided and paid', () => {
  const rounds = [
    [answerOf('a', { cold: true }), answerOf('a', { coldStartsAvoided: 0 }), failed('throttled')],
    [answerOf('a'), answerOf('b', { coldStartsAvoided: 3 }), answerOf('c', { cold: true })],
  ];
  const receipt = warmUpReceipt(3, rounds, { prices, warmer });

  assert.deepEqual(receipt.environments, ['a', 'b', 'c']);
  const { wanted, pings, failed: failures, reasons, started, coldStartsAvoided } = receipt;
  assert.deepEqual(
    { wanted, pings, failures, reasons, rounds: receipt.rounds, started, coldStartsAvoided },
    {
      wanted: 3,
      pings: 6,
      failures: 1,
      reasons: ['throttled'],
      rounds: 2,
      started: 2,
      coldStartsAvoided: 3,
    },
  );
  // Five answers of 104 ms and two inits of 250 ms at 2 GB, the warmer's 131 ms at 1/8 GB on arm64,
  // and seven requests.
  const pingSeconds = (5 * 104 + 2 * 250) / 1_000;
  const expected = 2 * pingSeconds * 0.0000166667 + 0.125 * 0.131 * 0.0000133334 + 7 * 0.0000002;
  assert.ok(Math.abs(Number(receipt.usd) - expected) < 1e-15, `${receipt.usd}`);
  assert.ok(Math.abs(Number(receipt.usdPerAvoidedColdStart) - expected / 3) < 1e-15);
});

test('a receipt without avoided cold starts has no price of one, and no price is invented', () => {
  assert.equal(
    warmUpReceipt(1, [[answerOf('a')]], { prices, warmer }).usdPerAvoidedColdStart,
    null,
  );
  const elsewhere = { ...warmer, region: 'mars-north-1' };
  const receipt = warmUpReceipt(1, [[answerOf('a')]], { prices, warmer: elsewhere });
  assert.equal(receipt.usd, null);
  assert.match(receipt.priceBasis, /no price of mars-north-1/);
});
