import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { escalationFrontier, type FrontierPoint } from '../../bench/escalation-frontier.ts';
import { measureTiers } from '../../bench/measure-tier.ts';
import { developmentCorpus, sample } from '../../fixtures/harness/corpus.ts';
import { sst2Folder, tinyTextFolder } from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const ROWS = 200;
const MIDDLE = 0.9;
let points: readonly FrontierPoint[];
const corpus = developmentCorpus();

before(async () => {
  const rows = sample(corpus, ROWS, 7);
  const [small, large] = await measureTiers(
    [tinyTextFolder, sst2Folder],
    rows.map(({ text }) => text),
  );
  const catalogue = openShippedPrices({ today: '2026-01-01' });
  const found = laneRatesOf(catalogue, { region: 'us-east-1', architecture: 'x86_64' });
  assert.ok(small !== undefined && large !== undefined && found.kind === 'found');
  points = escalationFrontier(
    rows.map(({ label }) => label),
    { small, large },
    found.rates,
  );
});

test('asking the larger model about uncertain answers makes them no worse, and it is not asked about all', () => {
  const small = points.at(0);
  const middle = points.find(({ threshold }) => threshold === MIDDLE);
  assert.ok(small !== undefined && middle !== undefined);
  const shown = [small, middle, points.at(-1)].map((each) => `${each?.way}: ${each?.right}`);
  console.log(
    `${shown.join(', ')} of ${ROWS}, ${(100 * middle.escalated).toFixed(0)} % asked about`,
  );

  assert.ok(middle.right >= small.right, `${middle.right} right, ${small.right} before`);
  assert.ok(middle.escalated < 0.9, `${middle.escalated}`);
  // Generated reviews leave no model in doubt.
  if (corpus.origin === 'sst2') assert.ok(middle.escalated > 0);
});

test('a higher threshold asks about more and never costs less', () => {
  const cascade = points.slice(0, -1);
  for (const [at, { escalated, usdPer1000 }] of cascade.entries()) {
    const before = cascade[at - 1];
    assert.ok(escalated >= (before?.escalated ?? 0));
    assert.ok(usdPer1000 >= (before?.usdPer1000 ?? 0));
  }
});
