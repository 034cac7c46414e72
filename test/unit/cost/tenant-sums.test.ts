import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { budgetMonthAt } from '#core/cost/budget-month.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { TenantSums } from '#core/cost/tenant-sums.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { countingLedger } from '../../../functions/local/open-local-budgets.ts';
import { rowOf } from '../../fixtures/cost/row-of.ts';
import { unitsOf, usdOf } from '../../fixtures/routing/budget-statuses.ts';

const month = budgetMonthAt(Date.parse('2026-11-24T00:00:00Z'));

const rows = fc.array(
  fc.record({
    id: fc.constantFrom('j/1', 'j/2', 'j/3'),
    source: fc.constantFrom('request' as const, 'attempt' as const, 'warm-up' as const),
    tenant: fc.constantFrom('a', 'b'),
    at: fc.constantFrom(
      '2026-10-31T23:59:59.999Z',
      '2026-11-01T00:00:00.000Z',
      '2026-11-30T23:59:59.999Z',
      '2026-12-01T00:00:00.000Z',
    ),
    usd: fc.bigInt(0n, 10n ** 20n).map(usdOf),
  }),
);

test('the sum is exact: attempts by id, requests each, the month from edge to edge', () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      const sums = new TenantSums(month);
      for (const { usd, ...change } of drawn) sums.take(rowOf(usd, change));

      const ofMonth = drawn.filter(({ at }) => at.startsWith('2026-11'));
      const attempts = new Map(
        ofMonth.filter(({ source }) => source === 'attempt').map((each) => [each.id, each]),
      );
      const counted = [
        ...attempts.values(),
        ...ofMonth.filter(({ source }) => source === 'request'),
      ];
      for (const tenant of ['a', 'b']) {
        const own = counted.filter((each) => each.tenant === tenant);
        const units = own.reduce((sum, { usd }) => sum + unitsOf(usd), 0n);
        assert.equal(sums.spentBy(tenant).toFixed(), usdOf(units));
      }
    }),
  );
});

test('a ledger counts what was there and what comes, and starts a new month at nothing', async () => {
  let now = Date.parse('2026-11-30T23:59:59.000Z');
  const clock = { epochMillis: () => now, monotonicMillis: () => 0, sleep: async () => {} };
  const appended: LedgerRow[] = [];
  const stored = [rowOf('0.3', { id: 'j/1', source: 'attempt' }), rowOf('0.1')];
  const file: Ledger = {
    append: (each) => void appended.push(each),
    flush: async () => {},
    close: async () => {},
    async *read() {
      yield* stored;
    },
  };

  const ledger = await countingLedger(file, clock);
  ledger.append(rowOf('0.2', { id: 'j/1', source: 'attempt' }));
  const november = ledger.thisMonth().spentBy('a').toFixed();
  now += 1_000;
  const december = ledger.thisMonth().spentBy('a').toFixed();
  ledger.append(rowOf('5'));
  ledger.append(rowOf('0.05', { at: '2026-12-01T00:00:00.000Z' }));

  assert.deepEqual([november, december], ['0.3', '0']);
  assert.equal(ledger.thisMonth().spentBy('a').toFixed(), '0.05');
  assert.equal(appended.length, 3);
});
