import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { sumUsd } from '#core/cost/usd.ts';
import { createPredictionRecorder } from '../../../functions/inference/record-predictions.ts';
import { createRequestCharges } from '../../../functions/inference/request-charges.ts';
import { createMemoryLedger } from '../../fixtures/cost/memory-ledger.ts';
import { bodyOf, handlerHarness } from '../functions/handler-harness.ts';

const catalogue = openShippedPrices({ today: '2026-11-24' });
const lookup = laneRatesOf(catalogue, { region: 'us-east-1', architecture: 'x86_64' });
assert.ok(lookup.kind === 'found');
const { rates } = lookup;

async function chargedHarness(t: TestContext) {
  const { ledger, rows } = createMemoryLedger();
  const charges = createRequestCharges({
    rates,
    ledger,
    clock: systemClock,
    predictions: createPredictionRecorder({ clock: systemClock }),
  });
  return { rows, ...(await handlerHarness(t, charges)) };
}

test('an answer says what AWS would have charged, and the ledger has the same', async (t) => {
  const { call, rows } = await chargedHarness(t);
  const answer = await call('predictBatch', { body: { texts: ['good', 'bad'] } });
  const { cost, request_id: requestId, usage } = bodyOf(answer);
  const [row] = rows;

  assert.equal(rows.length, 1);
  assert.equal(row?.id, requestId);
  assert.deepEqual([row?.items, row?.tokens], [usage.items, usage.tokens]);
  const withoutTransfer = (row?.lines ?? []).filter(
    ({ item }) => !item.startsWith('data-transfer'),
  );
  assert.equal(sumUsd(withoutTransfer.map(({ usd }) => usd)).toNumber(), cost.usd);
  assert.ok(withoutTransfer.every(({ kind }) => kind === 'useful'));
  // REST request, Lambda request and log alone.
  assert.ok(cost.usd > 3.7e-6 && cost.usd < 1e-3, String(cost.usd));
  assert.match(cost.basis, /^estimate: .* nothing was charged$/);
});

test('a request without an answer is paid for too, as lost', async (t) => {
  const { call, rows } = await chargedHarness(t);
  const refused = await call('predict', { body: { text: '' } });

  assert.equal(refused.statusCode, 400);
  assert.equal(rows.length, 1);
  assert.deepEqual(new Set(rows[0]?.lines.map(({ kind }) => kind)), new Set(['lost']));
  assert.equal(rows[0]?.items, 0);
});

test('no row holds a text', async (t) => {
  const { call, rows } = await chargedHarness(t);
  await call('predict', { body: { text: 'a secret sentence' } });
  await call('predict', { body: { text: 7, secret: 'a secret sentence' } });

  assert.equal(rows.length, 2);
  assert.ok(!JSON.stringify(rows).includes('secret'));
});
