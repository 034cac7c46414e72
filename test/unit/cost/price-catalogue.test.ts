import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { createPriceCatalogue } from '#core/cost/price-catalogue.ts';
import { requirePrice, tieredUsd, unitUsd } from '#core/cost/price-quantity.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { spotPricesOf } from '#core/cost/spot-price.ts';
import { rateNotes } from '#core/routing/state/rate-notes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const shipped = openShippedPrices({ today: '2026-11-24' });
const rest = { service: 'api-gateway', dimension: 'rest-requests', region: 'us-east-1' };

test('a price comes with its source, its day and its age', () => {
  const price = requirePrice(shipped, rest);

  assert.equal(unitUsd(price).toString(), '0.0000035');
  assert.equal(price.asOf, '2025-07-31');
  assert.match(price.source, /Infracost/);
  assert.equal(price.ageDays, 481);
  assert.equal(price.isStale, true);
  assert.equal(requirePrice(openShippedPrices({ today: '2025-10-01' }), rest).isStale, false);
});

test('what was only remembered is no price', () => {
  const lookup = shipped.find({ ...rest, region: 'eu-west-1' });

  assert.equal(lookup.kind, 'unknown_price');
  assert.ok(lookup.kind === 'unknown_price');
  assert.match(lookup.reason, /only known from memory.*switchyard prices refresh/);
  assert.throws(
    () => requirePrice(shipped, { ...rest, region: 'eu-west-1' }),
    (error) => error instanceof SwitchyardError && error.code === 'unknown_price',
  );
});

test('a region without prices is said to be unknown, even for a price that holds everywhere', () => {
  const ipv4 = { service: 'vpc', dimension: 'ipv4-hours' };

  assert.equal(shipped.find({ ...ipv4, region: 'mars-north-1' }).kind, 'unknown_region');
  assert.equal(shipped.find({ ...ipv4, region: 'eu-west-1' }).kind, 'found');
});

test('every shipped row names a source that can be looked up, and a day that is not in the future', () => {
  assert.ok(shipped.rows.length > 200);
  for (const row of shipped.rows) {
    assert.ok(row.source.length > 20, `${row.service} ${row.dimension}`);
    assert.ok(row.ageDays >= 0, `${row.service} ${row.dimension}: ${row.asOf}`);
    assert.ok(!/unverified|from memory|memory of/i.test(`${row.source} ${row.note}`));
  }
});

test('tiers are charged each at its own price', () => {
  const duration = requirePrice(shipped, {
    service: 'lambda',
    dimension: 'duration-x86_64',
    region: 'us-east-1',
  });

  // 6 B at the first price, 9 B at the second, 1 B at the third.
  assert.equal(tieredUsd(duration, 16e9).toString(), '248333.6');
  assert.equal(tieredUsd(duration, 1).toString(), '0.0000166667');
});

test('more never costs less, and the price is continuous over the edges of tiers', () => {
  const price = { per: 1_000_000, tiers: [3.5, 2.8, 2.38].map(tierAt) };

  fc.assert(
    fc.property(fc.nat(4_000), fc.nat(4_000), (quantity, more) => {
      const less = tieredUsd(price, quantity);
      const both = tieredUsd(price, quantity + more);
      assert.ok(both.gte(less));
      assert.ok(both.minus(less).lte(unitUsd(price).times(more)));
    }),
  );
});

function tierAt(usd: number, at: number) {
  return { from: at * 1_000, usd: String(usd) };
}

test('spot prices: the median over zones; zones at the ceiling say nothing', () => {
  const t4 = spotPricesOf(shipped, { region: 'us-east-1', instanceType: 'g4dn.xlarge' });
  const h100 = spotPricesOf(shipped, { region: 'us-east-1', instanceType: 'p5.48xlarge' });

  assert.equal(t4?.median.toString(), '0.2131');
  assert.equal(t4?.lowest.zone, 'use1-az5');
  assert.equal(t4?.usableZones, 5);
  assert.deepEqual([...(h100?.boundZones ?? [])].sort(), ['use1-az1', 'use1-az4']);
});

test('a refreshed row of a later day stands over a shipped one, an older one does not', () => {
  const file = (asOf: string) => ({
    schema: 1,
    sources: { mine: { title: 'a refresh', date: asOf } },
    prices: [
      {
        ...{ service: 'lambda', dimension: 'requests', unit: 'request', per: 1_000_000 },
        ...{ source: 'mine', asOf, confidence: 'single', usd: { 'us-east-1': '0.21' } },
      },
    ],
  });
  const usdWith = (asOf: string) => {
    const catalogue = openShippedPrices({ today: '2026-11-24' }, [file(asOf)]);
    const query = { service: 'lambda', dimension: 'requests', region: 'us-east-1' };
    return unitUsd(requirePrice(catalogue, query)).times(1e6).toString();
  };

  assert.equal(usdWith('2026-11-01'), '0.21');
  assert.equal(usdWith('2024-01-01'), '0.2');
});

test('a price file with a hole is refused with its place', () => {
  const broken = { schema: 1, sources: {}, prices: [{ service: 'lambda' }] };

  assert.throws(
    () => createPriceCatalogue([broken], { today: '2026-11-24' }),
    /price file: prices\.0\./,
  );
});

test('rates for decisions: what decides is known in the region, the rest is stood in for and said', () => {
  const near = laneRatesOf(shipped, { region: 'us-east-1', architecture: 'x86_64' });
  const far = laneRatesOf(shipped, { region: 'eu-west-1', architecture: 'arm64' });
  const nowhere = laneRatesOf(shipped, { region: 'mars-north-1', architecture: 'arm64' });

  assert.ok(near.kind === 'found' && far.kind === 'found');
  assert.deepEqual(near.rates.standIns, []);
  assert.equal(near.rates.lambda.usdPerInvocation, 2e-7);
  assert.equal(near.rates.gpus.find(({ gpu }) => gpu === 'T4')?.onDemandUsdPerHour, 0.526);
  assert.ok(far.rates.standIns.includes('api-gateway rest-requests'));
  assert.equal(far.rates.lambda.usdPerGbSecond, 0.0000133334);
  assert.equal(nowhere.kind, 'unknown');
});

test('decisions are told which of their prices are old, spot and on demand too, and which are lent', () => {
  const ratesAt = (today: string, region: string) => {
    const found = laneRatesOf(openShippedPrices({ today }), { region, architecture: 'x86_64' });
    assert.ok(found.kind === 'found');
    return found.rates;
  };
  const late = ratesAt('2040-01-01', 'us-east-1');
  assert.ok(late.stale.some((each) => /^ec2-spot g4dn.xlarge of 20\d\d-/.test(each)));
  assert.ok(late.stale.some((each) => /^ec2 g4dn.xlarge of /.test(each)));
  assert.ok(late.stale.some((each) => each.startsWith('lambda requests of ')));
  assert.equal(new Set(late.stale).size, late.stale.length);
  // Said by its day, not by its age: the same prices are the same text on the next day.
  assert.deepEqual(ratesAt('2040-01-02', 'us-east-1'), late);
  assert.deepEqual(ratesAt('2025-01-01', 'us-east-1').stale, []);

  const notes = rateNotes(ratesAt('2040-01-01', 'eu-west-1'));
  assert.ok(notes.every((note) => note.length <= 300));
  assert.ok(notes.some((note) => note.startsWith('not known in eu-west-1, those of us-east-1')));
  assert.ok(notes.some((note) => note.startsWith('older than the limit')));
});
