import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ledgerRow } from '#core/cost/ledger-row.ts';
import { workloadOfTrace } from '#core/cost/report/arrival-trace.ts';
import { deployedAssumptions as a } from '#core/cost/report/assumptions.ts';
import { buildReport } from '#core/cost/report/build-report.ts';
import { focusColumns, focusRows } from '#core/cost/report/focus-rows.ts';
import { summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import { openPriceBook } from '#core/cost/report/price-book.ts';
import { regretOfJobs } from '#core/cost/report/regret.ts';
import type { Workload } from '#core/cost/report/workload.ts';
import { workloadOfLedger } from '#core/cost/report/workload-of-ledger.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { readTrace } from '../../../cli/report/read-trace.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

const catalogue = openShippedPrices({ today: '2026-11-24' });
const book = openPriceBook(catalogue, { region: 'us-east-1' });
const times = { callMillis: 50, initMillis: 1_500 } as const;
const noBulk = { bulkItemsPerMonth: 0, jobsPerMonth: 0 } as const;

function coldShareOf(counts: readonly number[], requestsPerMonth?: number): number {
  const trace = { name: 'made', binSeconds: 300, counts };
  return workloadOfTrace(trace, { ...times, requestsPerMonth, bulk: noBulk }).coldShare;
}

test('a busy trace has few cold starts, one with long gaps nothing else', () => {
  assert.ok(coldShareOf(new Array(100).fill(300)) < 0.002);
  // One request every 50 minutes: each finds its environment gone after ten.
  assert.equal(coldShareOf(Array.from({ length: 100 }, (_, at) => (at % 10 === 0 ? 1 : 0))), 1);
});

test('a trace is drawn out to a month, and scaled to the requests that are wanted', () => {
  const trace = { name: 'made', binSeconds: 3_600, counts: [10, 20, 30, 40] };
  const { workload } = workloadOfTrace(trace, {
    ...times,
    requestsPerMonth: undefined,
    bulk: noBulk,
  });

  assert.equal(workload.requestsPerMonth, 25 * 730);
  const scaled = workloadOfTrace(trace, { ...times, requestsPerMonth: 5_000, bulk: noBulk });
  assert.equal(scaled.workload.requestsPerMonth, 5_000);
});

test('a cold share is a share, whatever the arrivals', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 60 }), (counts) => {
      const share = coldShareOf(counts);
      const total = counts.reduce((sum, count) => sum + count, 0);
      assert.ok(share >= 0 && share <= 1);
      assert.ok(total === 0 || share * total >= 1 - 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('traces come as times and counts, or as one line per request', async (t) => {
  const folder = await temporaryFolder(t);
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const bins = await write(
    'bins.csv',
    'timestamp,AAPL,AMZN\n2026-01-01 00:00:00,1,2\n2026-01-01 00:05:00,3,\n',
  );
  const each = await write('each.csv', 't_s,input_tokens\n0.5,3\n59,3\n61,3\n');
  const broken = await write('broken.csv', 'timestamp,requests\n2026-01-01,many\n2026-01-02,2\n');

  assert.deepEqual((await readTrace(bins, 'AMZN')).counts, [2, 0]);
  assert.equal((await readTrace(bins, undefined)).binSeconds, 300);
  assert.deepEqual((await readTrace(each, undefined)).counts, [2, 1]);
  await assert.rejects(readTrace(broken, undefined), /needs a time and a count/);
});

const traces =
  process.env['SWITCHYARD_TRACES'] ?? join(import.meta.dirname, '../../../../shared/traces');
const elb = join(traces, 'aws_elb_request_count_5min.csv');

test('the recorded ELB trace has the cold starts that were counted before', {
  skip: existsSync(elb) ? false : 'SKIPPED LOUDLY: no recorded traces; set SWITCHYARD_TRACES',
}, async () => {
  const trace = await readTrace(elb, undefined);
  const at = (requestsPerMonth: number) =>
    workloadOfTrace(trace, { ...times, requestsPerMonth, bulk: noBulk }).coldShare;

  // 9.88 % and 0.34 % with another generator of random numbers.
  assert.ok(Math.abs(at(10_000) - 0.0988) < 0.008, String(at(10_000)));
  assert.ok(Math.abs(at(100_000) - 0.0034) < 0.001, String(at(100_000)));
});

test('regret is never below 1, and grows with what was paid', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5e6 }),
      fc.double({ min: 1, max: 50, noNaN: true }),
      (items, factor) => {
        const best = regretOfJobs(book, a, [{ job: 'j', items, usd: 1e6 }])?.bestUsd ?? 0;
        const regret = regretOfJobs(book, a, [{ job: 'j', items, usd: best * factor }]);
        assert.ok(Math.abs((regret?.ratio ?? 0) - factor) < 1e-9 * factor);
      },
    ),
    { numRuns: 40 },
  );
});

const inputs = { catalogue, generatedAt: '2026-11-24T10:00:00Z', assumptions: a } as const;
const workload: Workload = {
  origin: 'flags',
  detail: '',
  requestsPerMonth: 1e6,
  bulkItemsPerMonth: 1e7,
  jobsPerMonth: 60,
};

test('prices that a region lacks are lines without a price, named, and never invented', () => {
  const report = buildReport({ ...inputs, region: 'eu-west-1', workload });
  const missing = report.unknownPrices.map(({ item }) => item);
  const { plan } = report.headline;

  assert.ok(missing.includes('api-gateway rest-requests'), missing.join());
  const rest = plan.lines.find(({ item }) => item === 'api-gateway rest-requests');
  assert.deepEqual([rest?.isUnpriced, rest?.usd], [true, 0]);
  assert.ok(report.prices.every(({ source }) => source.length > 0));
});

test('more requests or more items never make any alternative cheaper', () => {
  const usdOf = (requestsPerMonth: number, bulkItemsPerMonth: number) =>
    buildReport({
      ...inputs,
      region: 'us-east-1',
      workload: { ...workload, requestsPerMonth, bulkItemsPerMonth },
    }).alternatives;
  fc.assert(
    fc.property(fc.nat(1e8), fc.nat(1e8), fc.nat(1e8), (requests, items, more) => {
      const less = new Map(usdOf(requests, items).map(({ id, usd }) => [id, usd]));
      for (const { id, usd } of usdOf(requests + more, items + more)) {
        assert.ok(usd >= (less.get(id) ?? 0) - 1e-9, id);
      }
    }),
    { numRuns: 8 },
  );
});

test('FOCUS rows have every column, a period of whole months and no exponents', () => {
  const report = buildReport({ ...inputs, region: 'us-east-1', workload });
  const rows = focusRows(report.headline.plan.lines, report);

  for (const row of rows) {
    assert.deepEqual(Object.keys(row).toSorted(), [...focusColumns].toSorted());
    assert.equal(row['ChargePeriodEnd'], '2026-12-01T00:00:00.000Z');
    assert.doesNotMatch(`${row['BilledCost']} ${row['ListUnitPrice']}`, /e/);
  }
  assert.ok(rows.some((row) => row['PricingCategory'] === 'Dynamic'));
});

test('FOCUS rows multiply out whatever the tiers, and invent no cost of 0', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 13 }), (few, many) => {
      const load = { requestsPerMonth: 10 ** few, bulkItemsPerMonth: 10 ** many, jobsPerMonth: 9 };
      const report = buildReport({
        ...inputs,
        region: 'us-east-1',
        workload: { ...workload, ...load },
      });
      for (const row of focusRows(report.headline.plan.lines, report)) {
        const product = Number(row['ListUnitPrice']) * Number(row['PricingQuantity']);
        const cost = Number(row['ListCost']);
        assert.ok(Math.abs(product - cost) <= 1e-6 * Math.max(1, cost), row['SkuPriceId']);
      }
    }),
    { numRuns: 30 },
  );
  const report = buildReport({ ...inputs, region: 'eu-west-1', workload });
  const items = focusRows(report.headline.plan.lines, report).map((row) => row['SkuPriceId']);
  assert.ok(items.includes('lambda requests'));
  assert.ok(!items.includes('api-gateway rest-requests'), 'no price of it is known there');
});

test('a load that one machine cannot carry is priced for as many as can, managed ones too', () => {
  const load = { requestsPerMonth: 0, bulkItemsPerMonth: 1e11, jobsPerMonth: 1 };
  const { alternatives } = buildReport({
    ...inputs,
    region: 'us-east-1',
    workload: { ...workload, ...load },
  });
  const usdOf = (id: string) => alternatives.find((each) => each.id === id)?.usd ?? 0;

  // 1e11 items at 800 a second take 48 months of one instance.
  assert.ok(usdOf('sagemaker-real-time') > 47 * 0.7364 * 730);
  assert.ok(usdOf('sagemaker-real-time') > usdOf('always-on-g4dn.xlarge'));
});

test('a month without any work is a report like any other', async () => {
  const load = { requestsPerMonth: 0, bulkItemsPerMonth: 0, jobsPerMonth: 0 };
  const report = buildReport({
    ...inputs,
    region: 'us-east-1',
    workload: { ...workload, ...load },
  });
  const { renderPage } = await import('../../../cli/report/html/render-page.ts');

  const page = await renderPage(report);

  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
  assert.match(page, /neither requests nor bulk items/);
});

test('a ledger is drawn out to a month by all of its time, the quiet hours after the last row too', async () => {
  const rowAt = (at: string) =>
    ledgerRow({
      ...{ id: at, at, source: 'request', tenant: 'a', model: null, lane: 'cpu', job: null },
      ...{ region: 'us-east-1', items: 1, tokens: 1, basis: 'estimate', lines: [] },
    });
  const rows = [rowAt('2026-11-01T00:00:00Z'), rowAt('2026-11-01T02:00:00Z')];
  const summary = await summarizeLedger(rows, { fromMillis: 0, toMillis: 1 });
  const requestsBy = (until: string) =>
    workloadOfLedger(summary, Date.parse(until)).requestsPerMonth;

  assert.equal(requestsBy('2026-11-01T02:00:00Z'), 730);
  assert.equal(requestsBy('2026-11-01T20:00:00Z'), 73);
  // A range that ended before its last row is none.
  assert.equal(requestsBy('2026-10-01T00:00:00Z'), 730);
});
