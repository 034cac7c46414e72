import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instanceAttemptLines, requestLines } from '#core/cost/charge-lines.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { type LedgerRow, ledgerKinds, ledgerRow, parseLedgerRow } from '#core/cost/ledger-row.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { sumUsd } from '#core/cost/usd.ts';
import { UsdCounter } from '#core/cost/usd-counter.ts';
import { splitUsd } from '../../fixtures/cost/split-usd.ts';

const catalogue = openShippedPrices({ today: '2026-11-24' });
const lookup = laneRatesOf(catalogue, { region: 'us-east-1', architecture: 'x86_64' });
assert.ok(lookup.kind === 'found');
const { rates } = lookup;

const millis = fc.double({ min: 0, max: 1e9, noNaN: true });
const requestCharges = fc
  .record({
    memoryMib: fc.integer({ min: 128, max: 10_240 }),
    billedMillis: millis,
    initMillis: millis,
    front: fc.constantFrom('rest' as const, 'http' as const, 'none' as const),
    logBytes: fc.nat(1e6),
    responseBytes: fc.nat(1e8),
    answered: fc.boolean(),
  })
  .map((usage) => requestLines(usage, rates));
const attemptCharges = fc
  .record({
    instanceType: fc.constantFrom('g4dn.xlarge', 'p3.2xlarge'),
    market: fc.constantFrom('spot' as const, 'on-demand' as const),
    usdPerHour: fc.constantFrom(0.2131, 3.06),
    millis: fc.record({ useful: millis, idle: millis, lost: millis }),
    diskGb: fc.nat(500),
    interruptedByEc2: fc.boolean(),
  })
  .map((attempt) => instanceAttemptLines(attempt, rates));
const rows = fc.array(
  fc
    .record({
      lines: fc.oneof(requestCharges, attemptCharges),
      lane: fc.constantFrom('cpu' as const, 'cpu-fleet' as const, 'gpu-spot' as const),
      tenant: fc.constantFrom('a', 'b', 'c'),
      at: fc
        .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      id: fc.uuid(),
    })
    .map(rowOf),
  { maxLength: 60 },
);

function rowOf(part: Pick<LedgerRow, 'lines' | 'lane' | 'tenant' | 'at' | 'id'>): LedgerRow {
  const fixed = { source: 'request', model: null, job: null, region: 'us-east-1' } as const;
  return ledgerRow({ ...part, ...fixed, items: 1, tokens: 1, basis: 'estimate' });
}

test('the total is the sum over any partition of the rows, exactly', () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat(7)), (ledger, colours) => {
      const total = totalUsd(ledger);
      const groups = Map.groupBy(ledger, () => colours.next().value);
      const parts = [...groups.values()].map((group) => totalUsd(group));
      assert.ok(sumUsd(parts).eq(total));
      assert.ok(totalUsd(ledger.toReversed()).eq(total));
    }),
    { numRuns: 60 },
  );
});

test('the summary splits by kind, item, lane, tenant and day, and loses nothing', async () => {
  const nameOf = {
    byKind: (_: LedgerRow, line: LedgerRow['lines'][number]) => line.kind,
    byItem: (_: LedgerRow, line: LedgerRow['lines'][number]) => line.item,
    byLane: (row: LedgerRow) => row.lane,
    byTenant: (row: LedgerRow) => row.tenant,
    byDay: (row: LedgerRow) => row.at.slice(0, 10),
  };
  await fc.assert(
    fc.asyncProperty(rows, async (ledger) => {
      const summary = await summarizeLedger(ledger, { fromMillis: 0, toMillis: 1 });
      const total = totalUsd(ledger);
      assert.equal(summary.usd, total.toFixed());
      for (const [split, name] of Object.entries(nameOf)) {
        const shares = summary[split as keyof typeof nameOf];
        assert.ok(sumUsd(shares.map(({ usd }) => usd)).eq(total), split);
        const plain = splitUsd(ledger, name);
        assert.equal(shares.length, plain.size, split);
        for (const share of shares) assert.equal(share.usd, plain.get(share.name)?.toFixed());
      }
    }),
    { numRuns: 40 },
  );
});

test('counting equal amounts gives the exact sum, whatever the order and however many there are', () => {
  const amount = fc.tuple(fc.nat(999), fc.nat(1e9)).map(([whole, part]) => `${whole}.${part}`);
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 40 }), fc.nat(3_000), (amounts, more) => {
      const many = Array.from({ length: more }, (_, at) => `0.${at}`);
      const all = [...amounts, ...amounts, ...many, ...amounts];
      const counter = new UsdCounter();
      for (const usd of all) counter.add(usd);
      assert.equal(counter.sum().toFixed(), sumUsd(all).toFixed());
      counter.add('1');
      assert.equal(counter.sum().toFixed(), sumUsd([...all, '1']).toFixed());
    }),
    { numRuns: 40 },
  );
});

test('a row survives being written down, and one whose sum is wrong is refused', () => {
  fc.assert(
    fc.property(rows, (ledger) => {
      for (const row of ledger) assert.deepEqual(parseLedgerRow(JSON.stringify(row)), row);
    }),
    { numRuns: 20 },
  );
  const [row] =
    fc.sample(
      rows.filter((all) => all.some((each) => each.lines.length > 0)),
      1,
    )[0] ?? [];
  assert.throws(
    () => parseLedgerRow(JSON.stringify({ ...row, usd: '1234.5' })),
    /not a readable row/,
  );
});

test('a warm request behind the REST API costs its four terms', () => {
  const usage = {
    memoryMib: 1_024,
    billedMillis: 50,
    initMillis: 0,
    logBytes: 0,
    responseBytes: 0,
  };
  const lines = requestLines({ ...usage, front: 'rest', answered: true }, rates);
  const byItem = Object.fromEntries(lines.map(({ item, usd }) => [item, usd]));

  assert.deepEqual(byItem, {
    'lambda duration-x86_64': '0.000000833335',
    'lambda requests': '0.0000002',
    'api-gateway rest-requests': '0.0000035',
  });
  assert.ok(lines.every(({ kind }) => kind === 'useful'));
});

test('a call without an answer is lost, its cold start idle', () => {
  const usage = {
    memoryMib: 1_024,
    billedMillis: 50,
    initMillis: 900,
    logBytes: 0,
    responseBytes: 0,
  };
  const lines = requestLines({ ...usage, front: 'none', answered: false }, rates);

  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['lost', 'lost', 'idle'],
  );
});

test('an instance costs every second of its life, disk and address too', () => {
  const attempt = { instanceType: 'g4dn.xlarge', market: 'spot', usdPerHour: 0.36 } as const;
  const spent = { useful: 1_800_000, idle: 900_000, lost: 900_000 };
  const lines = instanceAttemptLines(
    { ...attempt, millis: spent, diskGb: 73, interruptedByEc2: false },
    rates,
  );
  const kinds = ledgerKinds.map((kind) =>
    sumUsd(lines.flatMap((line) => (line.kind === kind ? [line.usd] : []))).toNumber(),
  );

  // One hour: 0.36 instance + 73 GB at 0.08 / 730 h + 0.005 address.
  assert.ok(Math.abs(sumUsd(lines.map(({ usd }) => usd)).toNumber() - 0.373) < 1e-12);
  assert.deepEqual(
    kinds.map((usd) => Math.round(usd * 1e6)),
    [186_500, 0, 93_250, 93_250],
  );
});

test('spot taken back within an hour costs no instance time; a minute is billed at least', () => {
  const attempt = {
    instanceType: 'g4dn.xlarge',
    market: 'spot',
    usdPerHour: 36,
    diskGb: 0,
  } as const;
  const instanceUsd = (spentMillis: number, interruptedByEc2: boolean) =>
    sumUsd(
      instanceAttemptLines(
        { ...attempt, interruptedByEc2, millis: { useful: spentMillis, idle: 0, lost: 0 } },
        rates,
      ).flatMap(({ item, usd }) => (item.startsWith('ec2') ? [usd] : [])),
    ).toNumber();

  assert.equal(instanceUsd(3_599_000, true), 0);
  assert.equal(instanceUsd(3_600_000, true), 36);
  assert.equal(Math.round(instanceUsd(1_000, false) * 1e12), 6e11);
});
