import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createPriceListSource } from '#adapters/aws/account/price-list-source.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { requirePrice, tieredUsd, unitUsd } from '#core/cost/price-quantity.ts';
import { readProduct } from '#core/cost/refresh/read-product.ts';
import { refreshPrices } from '#core/cost/refresh/refresh-prices.ts';
import { wantedPrices } from '#core/cost/refresh/wanted-prices.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { spotPricesOf } from '#core/cost/spot-price.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import { runCommand } from '../../e2e/run-cli.ts';
import {
  answerOf,
  type MadeProduct,
  productsOf,
} from '../../fixtures/prices/price-list-answers.ts';
import { servePrices } from '../../fixtures/prices/serve-prices.ts';

const place = { region: 'eu-west-1', today: '2026-11-24' } as const;

async function refresh(t: TestContext, products: readonly MadeProduct[]) {
  const endpoint = await servePrices(t, products);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const source = createPriceListSource({ endpoint, credentials, clock: systemClock });
  return await refreshPrices(source, place);
}

test('a refresh reads every price through the real clients, and the catalogue takes them', async (t) => {
  const refreshed = await refresh(t, productsOf(place.region));
  const catalogue = openShippedPrices({ today: place.today }, [refreshed.file]);
  const find = (service: string, dimension: string) =>
    requirePrice(catalogue, { service, dimension, region: place.region });

  assert.deepEqual(refreshed.problems, []);
  assert.equal(refreshed.found, wantedPrices.length + 1);
  for (const { service, dimension } of wantedPrices) {
    const price = find(service, dimension);
    assert.deepEqual([price.asOf, price.isStale], ['2026-11-24', false], `${service} ${dimension}`);
    assert.match(price.source, /^AWS Price List API/);
  }
  // Known only from memory before; the decoy of 9 dollars was not taken.
  const at = wantedPrices.findIndex(({ dimension }) => dimension === 'nat-hours');
  assert.equal(unitUsd(find('vpc', 'nat-hours')).toNumber(), (at + 1) / 10_000);
  assert.equal(tieredUsd(find('lambda', 'duration-x86_64'), 16e9).toString(), '248333.6');
});

test('spot prices come over pages, and of one zone the latest stands', async (t) => {
  const { file } = await refresh(t, productsOf(place.region));
  const catalogue = openShippedPrices({ today: place.today }, [file]);
  const zones = catalogue.zones({
    service: 'ec2-spot',
    dimension: 'g4dn.xlarge',
    region: 'eu-west-1',
  });
  const fresh = zones.filter(({ asOf }) => asOf === place.today);

  assert.deepEqual(
    fresh.map(({ zone, tiers }) => [zone, tiers[0]?.usd]),
    [
      ['euw1-az2', '0.266300'],
      ['euw1-az1', '0.281100'],
    ],
  );
  assert.ok(spotPricesOf(catalogue, { region: 'eu-west-1', instanceType: 'g4dn.xlarge' }));
});

test('none or several matching products are problems that are named, never prices', async (t) => {
  const products = productsOf(place.region);
  const isNat = ({ attributes }: MadeProduct) => attributes['usagetype'] === 'EU-NatGateway-Hours';
  const isRest = ({ attributes }: MadeProduct) =>
    attributes['usagetype'] === 'EU-ApiGatewayRequest';
  const twin = products.filter(isRest).map((product) => ({ ...product, sku: 'TWIN' }));
  const { problems, file } = await refresh(t, [
    ...products.filter((each) => !isNat(each)),
    ...twin,
  ]);

  assert.deepEqual(problems.length, 2, problems.join('; '));
  assert.match(problems.join('; '), /rest-requests: 2 products match \(SKU\d+, TWIN\)/);
  // Only the regional gateway is left, which is another product.
  assert.match(problems.join('; '), /nat-hours: no product matches among 2/);
  const text = JSON.stringify(file);
  assert.ok(!text.includes('nat-hours') && !text.includes('rest-requests'));
});

test('an instance type that the region lacks is said to be not offered', async (t) => {
  const without = productsOf(place.region).filter(
    ({ attributes }) => attributes['instanceType'] !== 'g6.xlarge',
  );
  const { notOffered, problems } = await refresh(t, without);

  assert.deepEqual(notOffered, ['ec2 g6.xlarge']);
  assert.deepEqual(problems, []);
});

test('an answer of another form is a problem, and a price without a first tier too', () => {
  const [wanted] = wantedPrices.filter(({ dimension }) => dimension === 'nat-hours');
  assert.ok(wanted !== undefined);
  const [product] = productsOf('us-east-1').filter(
    ({ attributes }) => attributes['usagetype'] === 'NatGateway-Hours',
  );
  assert.ok(product !== undefined);
  const whole = answerOf(product);
  const readingOf = (answer: string) => readProduct(wanted, [answer]);

  assert.equal(readingOf(whole).kind, 'price');
  assert.equal(readingOf(whole.slice(0, -20)).kind, 'problem');
  assert.equal(readingOf(whole.replace('"USD"', '"CNY"')).kind, 'problem');
  assert.equal(readingOf(answerOf({ ...product, usd: { '100': '0.1' } })).kind, 'problem');
});

test('switchyard prices refresh writes a dated file that the next report uses', async (t) => {
  const folder = await temporaryFolder(t);
  const endpoint = await servePrices(t, productsOf(place.region));
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const where = ['--region', place.region, '--data', folder, '--json'];
  const refreshed = await runCommand(t, ['prices', 'refresh', ...where], { env });
  assert.equal(refreshed.exitCode, 0, refreshed.stderr);
  const { file, found } = JSON.parse(refreshed.stdout);
  const out = join(folder, 'report');
  const report = await runCommand(t, ['report', '--out', out, ...where], { env });
  assert.equal(report.exitCode, 0, report.stderr);
  const { prices } = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
  const rest = prices.find(({ item }: { item: string }) => item === 'api-gateway rest-requests');

  assert.match(file, /prices\/\d{4}-\d{2}-\d{2}-eu-west-1\.json$/);
  assert.equal(found, wantedPrices.length + 1);
  assert.match(rest.source, /^AWS Price List API, read on/);
});

test('a refresh that lacks a price writes nothing unless told to', async (t) => {
  const folder = await temporaryFolder(t);
  const endpoint = await servePrices(t, productsOf(place.region).slice(1));
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const command = ['prices', 'refresh', '--region', place.region, '--data', folder];
  const refused = await runCommand(t, command, { env });
  const partial = await runCommand(t, [...command, '--partial'], { env });

  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /lambda duration-x86_64: no product matches/);
  assert.match(refused.stderr, /nothing was written/);
  assert.equal(partial.exitCode, 0, partial.stderr);
  assert.match(partial.stderr, /left out: lambda duration-x86_64/);
});
