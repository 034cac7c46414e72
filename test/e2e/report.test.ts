import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Page } from 'puppeteer-core';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { ledgerRow } from '#core/cost/ledger-row.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { boxesOf, inkOf, overlaps } from '../fixtures/report/look-at-chart.ts';
import { chromiumPath, openPage } from '../fixtures/report/open-chromium.ts';
import { runCommand, runToEnd } from './run-cli.ts';

let folderOfDesign = '';
let design: Awaited<ReturnType<typeof report>>;

before(async () => {
  folderOfDesign = await mkdtemp(join(tmpdir(), 'switchyard-report-'));
  design = await report(folderOfDesign);
});

after(() => rm(folderOfDesign, { recursive: true, force: true }));

async function report(folder: string, ...args: readonly string[]) {
  const out = join(folder, 'report');
  const command = ['report', '--out', out, '--data', folder, '--json', ...args];
  const end = await runToEnd(command);
  assert.equal(end.exitCode, 0, end.stderr);
  const read = (name: string) => readFile(join(out, name), 'utf8');
  return { out, document: JSON.parse(end.stdout), read };
}

test('a folder that cannot be made is told at once', async () => {
  const end = await runToEnd(['report', '--out', '/proc/report']);

  assert.equal(end.exitCode, 2);
  assert.match(end.stderr, /cannot write into \/proc\/report/);
});

test('four files say the same, to the cent', async () => {
  const { document, read } = design;
  const whole = JSON.parse(await read('report.json'));
  const { plan } = whole.headline;
  const focus: Record<string, string>[] = parse(await read('focus.csv'), { columns: true });
  const billed = focus.reduce((sum, row) => sum + Number(row['BilledCost']), 0);

  assert.equal(document.usd, plan.usd);
  assert.ok(Math.abs(billed - plan.usd) < 1e-9, `${billed} is not ${plan.usd}`);
  for (const column of ['BillingCurrency', 'ChargeCategory', 'ServiceName', 'PricingUnit']) {
    assert.ok(
      focus.every((row) => row[column] !== ''),
      column,
    );
  }
  const shown = `$${plan.usd.toFixed(2)}`;
  assert.match(await read('report.md'), new RegExp(`^# This workload costs \\${shown} a month`));
  assert.ok((await read('index.html')).includes(`<b>${shown}</b>`));
  // The front that is deployed, and everything that it is compared with.
  assert.ok(plan.lines.some((line: { item: string }) => line.item === 'api-gateway rest-requests'));
  assert.equal(whole.alternatives.length, 15);
  assert.ok(
    whole.prices.every((price: { source: string; asOf: string }) => price.source && price.asOf),
  );
});

test('the page needs no script, no font and no network', async () => {
  const page = await design.read('index.html');

  assert.doesNotMatch(
    page,
    /<script|<link(?! rel="icon" href="data:)|@import|@font-face|url\(http/i,
  );
  assert.doesNotMatch(page, /(src|href)="(?!data:|#)/i);
});

test('a ledger becomes the workload of the report', async (t) => {
  const folder = await temporaryFolder(t);
  const ledger = await openFileLedger({ folder: join(folder, 'ledger') });
  const nowMillis = Date.now();
  for (let at = 0; at < 50; at += 1) {
    ledger.append(
      ledgerRow({
        ...{ id: `r${at}`, source: 'request', tenant: 'local', model: 'sst2-minilm', lane: 'cpu' },
        ...{ job: null, region: 'us-east-1', items: 1, tokens: 8, basis: 'estimate' },
        at: new Date(nowMillis - (50 - at) * 30_000).toISOString(),
        lines: [
          {
            ...{ item: 'lambda duration-x86_64', kind: at % 10 === 0 ? 'lost' : 'useful' },
            ...{ quantity: 0.02, unit: 'GB-second', usd: '0.0000003' },
          },
        ],
      }),
    );
  }
  await ledger.close();
  const bill = join(folder, 'cur.csv');
  await writeFile(bill, curOf({ 'Lambda-GB-Second': '0.5', MysteryUnits: '0.25' }));
  const { read } = await report(folder, '--ledger', '--actual', bill);
  const whole = JSON.parse(await read('report.json'));

  // 50 rows within the last hour, drawn out to 730 hours.
  assert.equal(whole.workload.requestsPerMonth, 36_500);
  assert.equal(whole.ledger.usd, '0.000015');
  assert.deepEqual(whole.ledger.byKind, [
    { name: 'useful', usd: '0.0000135' },
    { name: 'lost', usd: '0.0000015' },
  ]);
  const page = await read('index.html');
  assert.match(page, /nothing was metered here/);
  assert.match(page, /MysteryUnits/);
  assert.equal(whole.actual.actualUsd, 0.75);
  assert.equal(whole.actual.unexplainedUsd, 0.25);
});

test('a region without prices, an empty ledger and a file that is no bill are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const bill = join(folder, 'bill.csv');
  await writeFile(bill, 'a,b\n1,2\n');
  const refusals = [
    { args: ['--region', 'mars-north-1'], says: /no price of mars-north-1/ },
    { args: ['--ledger'], says: /has no row yet/ },
    { args: ['--actual', bill], says: /not a Cost and Usage Report/ },
    { args: ['--requests', 'many'], says: /a number from 0/ },
  ];
  const place = ['report', '--data', folder, '--out', join(folder, 'out')];
  const ends = await Promise.all(refusals.map(({ args }) => runCommand(t, [...place, ...args])));

  for (const [at, { exitCode, stderr }] of ends.entries()) {
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, refusals[at]?.says ?? /^$/);
  }
});

const noChromium =
  chromiumPath === undefined
    ? 'SKIPPED LOUDLY: no Chromium here; set SWITCHYARD_CHROMIUM to look at the charts'
    : false;

test('the page opens in Chromium: nothing to complain of, charts drawn, labels apart', {
  skip: noChromium,
}, async (t) => {
  const { page, complaints, refused } = await openPage(t, chromiumPath ?? '');
  await page.setViewport({ width: 1280, height: 860 });
  await page.goto(pageOf(design));
  const heading = await page.$eval('h1', (element) => ({
    text: element.textContent,
    bottom: element.getBoundingClientRect().bottom,
  }));
  const charts = await page.$$('.chart svg');

  assert.deepEqual(complaints, []);
  assert.deepEqual(refused, []);
  assert.match(heading.text ?? '', /^This workload costs \$\d+\.\d\d a month\.$/);
  assert.ok(heading.bottom < 300, 'the sum is what is seen first');
  assert.equal(charts.length, 5);
  for (const chart of charts) {
    assert.ok(inkOf(await chart.screenshot()) > 0.01, 'a chart is blank');
    assert.deepEqual(overlaps(await boxesOf(chart)), []);
  }
  const words = (await labelsOf(page)).join('|');
  for (const label of [
    'Lambda + Batch spot g4dn',
    'Always-on p3.2xlarge',
    'Fargate 1 vCPU / 2 GB',
  ]) {
    assert.ok(words.includes(label), label);
  }
  // Crossings of both break-even charts are labelled with their volume.
  assert.match(words, /19 M/);
  assert.match(words, /8,705/);
});

test('on a phone nothing is wider than the screen', { skip: noChromium }, async (t) => {
  const { page, complaints } = await openPage(t, chromiumPath ?? '');
  await page.setViewport({ width: 390, height: 800 });
  await page.goto(pageOf(design));
  const widths = await page.evaluate<[], () => number[]>(
    '[document.body.scrollWidth, window.innerWidth]',
  );

  assert.deepEqual(complaints, []);
  assert.ok((widths[0] ?? 0) <= (widths[1] ?? 0), widths.join(' > '));
});

/** A Cost and Usage Report of one month with these usage types. */
function curOf(usd: Readonly<Record<string, string>>): string {
  const head = [
    ...['line_item_line_item_type', 'line_item_usage_start_date', 'line_item_usage_end_date'],
    ...['line_item_product_code', 'line_item_usage_type', 'line_item_usage_amount'],
    'line_item_unblended_cost',
  ];
  const rows = Object.entries(usd).map(([usageType, cost]) =>
    [
      'Usage',
      '2026-01-01T00:00:00Z',
      '2026-02-01T00:00:00Z',
      'AWSLambda',
      usageType,
      '1',
      cost,
    ].join(),
  );
  return [head.join(), ...rows, ''].join('\n');
}

async function labelsOf(page: Page): Promise<string[]> {
  return await page.$$eval('.chart svg text', (texts) =>
    texts.map((text) => text.textContent ?? ''),
  );
}

function pageOf({ out }: { readonly out: string }): string {
  return pathToFileURL(join(out, 'index.html')).href;
}
