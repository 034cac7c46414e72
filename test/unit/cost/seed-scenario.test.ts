import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usdAfterAllowances } from '#core/cost/report/allowances.ts';
import { alternativesOf } from '#core/cost/report/alternatives.ts';
import { seedAssumptions } from '#core/cost/report/assumptions.ts';
import { breakEvens, lambdaUsdPerRequest } from '#core/cost/report/break-even.ts';
import { sumLines } from '#core/cost/report/cost-line.ts';
import { hiddenCosts } from '#core/cost/report/hidden-costs.ts';
import {
  crossoverItems,
  fleetJob,
  type InstanceJob,
  instanceJob,
} from '#core/cost/report/job-cost.ts';
import { edgeLines, lambdaRequestLines } from '#core/cost/report/request-path.ts';
import { openSeedPrices } from '#core/cost/report/seed-prices.ts';
import { moneyLeft } from '#core/cost/report/seed-question.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';

// The tables of the first analysis of the design documents' scenario (us-east-1, HTTP API, no free
// allowances), to the cent.

const book = openSeedPrices(openShippedPrices({ today: '2026-11-24' }));
const a = seedAssumptions;
const usd = (amount: number): string => amount.toFixed(2);

test('A: one million requests of 50 ms', () => {
  const rows = [1, 1.769, 2].map((memoryGb) => {
    const lambdaLines = lambdaRequestLines(book, { ...a, memoryGb }, 1e6);
    const lambda = sumLines(lambdaLines);
    const http = edgeLines(book, a, 1e6);
    const rest = edgeLines(book, { ...a, front: 'rest' }, 1e6);
    const line = (lines: typeof http, item: string) =>
      usd(lines.find((each) => each.item === item)?.usd ?? Number.NaN);
    return [
      usd(lambda),
      usd(usdAfterAllowances(lambdaLines)),
      line(http, 'api-gateway http-requests'),
      line(rest, 'api-gateway rest-requests'),
      line(http, 'cloudwatch logs-ingested'),
      line(http, 'data-transfer internet-out'),
      usd(lambda + sumLines(http)),
    ];
  });

  assert.deepEqual(rows, [
    ['1.16', '0.00', '1.00', '3.50', '0.48', '0.17', '2.81'],
    ['1.90', '0.00', '1.00', '3.50', '0.48', '0.17', '3.54'],
    ['2.12', '0.00', '1.00', '3.50', '0.48', '0.17', '3.77'],
  ]);
});

test('A2: fixed costs that nobody put in', () => {
  assert.deepEqual(
    hiddenCosts(book, a).map((cost) => usd(cost.usd)),
    [
      ...['32.85', '65.70', '98.55', '87.60', '0.00', '0.10', '0.50', '13.50', '0.00'],
      ...['21.90', '109.50', '33.00', '0.20', '3.00', '9.00', '1.00', '0.20'],
    ],
  );
});

test('B: what 150 dollars buy after the request path and the network', () => {
  const rows = moneyLeft(book, a).map(({ networkUsd, leftUsd, gpuHours }) => [
    usd(networkUsd),
    usd(leftUsd),
    ...gpuHours.map(({ hours }) => Math.round(hours)),
  ]);

  assert.deepEqual(rows, [
    ['0.00', '146.23', 159, 292, 687, 303],
    ['32.85', '113.38', 124, 227, 532, 235],
    ['65.70', '80.53', 88, 161, 378, 167],
    ['87.60', '58.63', 64, 117, 275, 122],
  ]);
});

const tableC: Readonly<Record<string, readonly string[]>> = {
  'always-on-p3.2xlarge': ['2235.45', '2235.45', '2235.45', '2235.45', '2235.45'],
  'always-on-g5.xlarge': ['736.03', '736.03', '736.03', '736.03', '736.03'],
  'always-on-g6.xlarge': ['589.15', '589.15', '589.15', '589.15', '589.15'],
  'always-on-g4dn.xlarge': ['385.63', '385.63', '385.63', '385.63', '385.63'],
  'sagemaker-real-time': ['537.63', '537.69', '538.24', '543.74', '598.67'],
  'sagemaker-async': ['22.09', '22.35', '24.65', '47.66', '277.79'],
  'sagemaker-serverless': ['2.06', '4.12', '22.67', '208.16', '2063.10'],
  fargate: ['37.69', '37.69', '37.69', '145.81', '1407.21'],
  lambda: ['3.54', '5.11', '19.20', '160.06', '1568.69'],
  'lambda-pings': ['3.73', '5.29', '19.38', '160.24', '1568.87'],
  'lambda-provisioned': ['100.40', '101.96', '116.05', '256.91', '1665.54'],
  'lambda-spot-g4dn.xlarge': ['5.15', '5.23', '5.93', '12.97', '83.39'],
  'lambda-spot-g4dn.xlarge-nat': ['70.85', '70.93', '71.63', '78.67', '149.09'],
  'lambda-spot-p3.2xlarge': ['6.59', '6.68', '7.51', '15.81', '98.87'],
  'lambda-on-demand-g4dn.xlarge': ['6.72', '6.90', '8.57', '25.27', '192.23'],
};

test('C: every alternative for one million requests and up to a billion bulk items', () => {
  const bulk = [0, 1e6, 1e7, 1e8, 1e9];
  const columns = bulk.map((bulkItemsPerMonth) =>
    alternativesOf(book, a, {
      ...{ origin: 'flags', detail: '', requestsPerMonth: 1e6, jobsPerMonth: 60 },
      bulkItemsPerMonth,
    }),
  );
  const ids = columns[0]?.map(({ id }) => id) ?? [];
  const table = Object.fromEntries(
    ids.map((id) => [
      id,
      columns.map((column) => usd(column.find((each) => each.id === id)?.usd ?? Number.NaN)),
    ]),
  );

  assert.deepEqual(table, tableC);
});

test('C2: break-even with what is always on', () => {
  const rows = breakEvens(book, a).map(({ id, usdPerMonth, requests = 0, perSecond = 0 }) => [
    id,
    usd(usdPerMonth),
    (requests / 1e6).toFixed(1),
    perSecond.toFixed(1),
  ]);

  assert.deepEqual(rows, [
    ['fargate-half', '18.02', '9.5', '3.6'],
    ['provisioned', '19.37', '31.5', '12.0'],
    ['fargate', '36.04', '19.0', '7.2'],
    ['g4dn-spot', '155.49', '82.0', '31.2'],
    ['g4dn', '383.98', '202.6', '77.1'],
    ['sagemaker', '537.57', '283.6', '107.9'],
    ['g6', '587.50', '310.0', '118.0'],
    ['g5', '734.38', '387.5', '147.4'],
    ['p3', '2233.80', '1178.6', '448.5'],
  ]);
  assert.equal((lambdaUsdPerRequest(book, a) * 1e6).toFixed(3), '1.895');
  assert.match(breakEvens(book, a).find(({ id }) => id === 'provisioned')?.note ?? '', /60 %/);
});

test('D: the job size at which one GPU instance beats the fleet', () => {
  const crossing = (tokens: number, instance: Omit<InstanceJob, 'items' | 'tokens'>) =>
    crossoverItems(
      (items) => fleetJob(book, a, { items, tokens, width: 500 }).usd,
      (items) => instanceJob(book, a, { ...instance, items, tokens }).usd,
    );
  const spot = { instanceType: 'g4dn.xlarge', market: 'spot' } as const;
  const onDemand = { instanceType: 'g4dn.xlarge', market: 'on-demand' } as const;

  assert.deepEqual(
    [16, 128, 512].map((tokens) => crossing(tokens, spot)),
    [19_393, 8_513, 2_881],
  );
  assert.deepEqual(
    [16, 128, 512].map((tokens) => crossing(tokens, { ...spot, setupSeconds: 150 })),
    [9_729, 4_225, 1_409],
  );
  assert.equal(crossing(128, onDemand), 21_633);
  assert.equal(crossing(128, { instanceType: 'p3.2xlarge', market: 'spot' }), 19_649);
  assert.equal(crossing(128, { instanceType: 'p3.2xlarge', market: 'on-demand' }), 230_145);
  assert.equal(
    crossoverItems(
      (items) => fleetJob(book, a, { items, width: 500 }).seconds,
      (items) => instanceJob(book, a, { ...spot, items }).seconds,
    ),
    undefined,
  );
});
