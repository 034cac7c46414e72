import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { type LedgerRow, ledgerRow } from '#core/cost/ledger-row.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { sumUsd } from '#core/cost/usd.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { bodyOf, handlerHarness } from '../functions/handler-harness.ts';

function row(id: string, part: Partial<LedgerRow>): LedgerRow {
  return ledgerRow({
    ...{ id, source: 'request', tenant: 'local', model: 'sst2-minilm', lane: 'cpu', job: null },
    ...{ region: 'us-east-1', items: 1, tokens: 9, basis: 'estimate' },
    at: new Date().toISOString(),
    lines: [
      { item: 'lambda requests', kind: 'useful', quantity: 1, unit: 'request', usd: '0.0000002' },
    ],
    ...part,
  });
}

function books(ledger: Ledger) {
  const catalogue = openShippedPrices({ today: '2026-11-24' });
  const place = { region: 'us-east-1', architecture: 'x86_64' } as const;
  return { costs: { ledger, ...place, catalogue: () => catalogue } };
}

test('GET /costs adds up the caller’s rows and sets them beside the alternatives', async (t) => {
  const ledger = createObjectLedger({ objectStore: createMemoryObjectStore() });
  ledger.append(row('one', {}));
  ledger.append(row('theirs', { tenant: 'another' }));
  ledger.append(row('warm', { source: 'warm-up', tenant: 'local' }));
  const attempt = { source: 'attempt', lane: 'cpu-fleet', job: 'job_1', items: 500 } as const;
  // The same attempt twice: a resumed job is charged anew, and the last row stands.
  ledger.append(row('job_1/a', { ...attempt, items: 100 }));
  ledger.append(row('job_1/a', attempt));
  await ledger.flush();
  const { call } = await handlerHarness(t, books(ledger));
  const costs = bodyOf(await call('getCosts'));

  assert.deepEqual([costs.requests, costs.attempts, costs.jobs], [1, 1, 1]);
  assert.deepEqual(costs.warm_ups, { count: 1, usd: '0.0000002' });
  assert.equal(costs.items, 501);
  assert.equal(costs.usd, '0.0000004');
  assert.match(costs.basis, /nothing was metered/);
  for (const split of ['by_kind', 'by_lane', 'by_model', 'by_item', 'by_day']) {
    const parts: { readonly usd: string }[] = costs[split];
    assert.equal(sumUsd(parts.map(({ usd }) => usd)).toFixed(), costs.usd, split);
  }
  assert.ok(costs.month.alternatives.length > 10);
  assert.ok(costs.month.usd > 0);
});

test('GET /costs takes days, refuses what is none, and says where there is no ledger', async (t) => {
  const ledger = createObjectLedger({ objectStore: createMemoryObjectStore() });
  ledger.append(row('old', { at: '2026-01-05T12:00:00.000Z' }));
  await ledger.flush();
  const { call } = await handlerHarness(t, books(ledger));
  const requestsOf = async (query: string) => bodyOf(await call('getCosts', { query })).requests;

  assert.equal(await requestsOf('from=2026-01-05&to=2026-01-05'), 1);
  assert.equal(await requestsOf('from=2026-01-06&to=2026-01-09'), 0);
  assert.equal((await call('getCosts', { query: 'from=yesterday' })).statusCode, 400);
  assert.equal(
    (await call('getCosts', { query: 'from=2026-02-01&to=2026-01-01' })).statusCode,
    400,
  );
  const without = await handlerHarness(t);
  assert.equal((await without.call('getCosts')).statusCode, 404);
});

test('GET /costs in a region without prices says what was charged, without a comparison', async (t) => {
  const ledger = createObjectLedger({ objectStore: createMemoryObjectStore() });
  ledger.append(row('one', {}));
  await ledger.flush();
  const { costs } = books(ledger);
  const { call } = await handlerHarness(t, { costs: { ...costs, region: 'eu-north-1' } });

  const answer = await call('getCosts');

  assert.equal(answer.statusCode, 200);
  assert.equal(bodyOf(answer).usd, '0.0000002');
  assert.equal(bodyOf(answer).month, null);
});
