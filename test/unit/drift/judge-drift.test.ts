import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquareTail } from '#core/drift/chi-square.ts';
import { compareCounts } from '#core/drift/compare-counts.ts';
import { countItem, type DriftProfile, emptyProfile } from '#core/drift/drift-profile.ts';
import { DRIFT_ALPHA, judgeDrift, LEAST_ITEMS, type ModelDrift } from '#core/drift/judge-drift.ts';
import { type SeededRandom, seededRandom } from '../../fixtures/harness/random.ts';

/** A world from which texts come; each is a change of one thing in the usual one. */
interface World {
  readonly positiveShare: number;
  readonly meanChars: number;
  readonly truncatedShare: number;
  readonly failedShare: number;
  /** Above 1 the model is less certain. */
  readonly doubt: number;
}
const usual: World = {
  ...{ positiveShare: 0.5, meanChars: 90, truncatedShare: 0.01, failedShare: 0.002, doubt: 1 },
};

function draw(world: World, items: number, random: SeededRandom): DriftProfile {
  const profile = emptyProfile();
  for (let at = 0; at < items; at++) {
    const chars = 1 + Math.round(-Math.log(1 - random.fraction()) * world.meanChars);
    if (random.fraction() < world.failedShare) {
      countItem(profile, { chars, code: 'unprocessable_input' });
      continue;
    }
    const isTruncated = random.fraction() < world.truncatedShare;
    countItem(profile, {
      chars,
      tokens: 2 + Math.ceil(chars / 4.5),
      label: random.fraction() < world.positiveShare ? 'POSITIVE' : 'NEGATIVE',
      score: 1 - random.fraction() ** (6 / world.doubt) / 2,
      ...(isTruncated ? { truncated: true } : {}),
    });
  }
  return profile;
}

function judge(world: World, items: number, seed: number): ModelDrift {
  const random = seededRandom(seed);
  const [baseline, window] = [draw(usual, items, random), draw(world, items, random)];
  const [drift] = judgeDrift([{ model: 'm', variant: 'v', baseline, window }]);
  assert.ok(drift !== undefined);
  return drift;
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed + 1);

test('the chi-square tail is that of the tables', () => {
  // Upper critical values of the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
  const table = [
    [3.841, 1, 0.05],
    [6.635, 1, 0.01],
    [11.07, 5, 0.05],
    [18.307, 10, 0.05],
    [29.588, 10, 0.001],
    [124.342, 100, 0.05],
  ] as const;
  for (const [value, degrees, tail] of table) {
    const found = chiSquareTail(value, degrees);
    assert.ok(Math.abs(found / tail - 1) < 2e-3, `${value} ${degrees}: ${found}`);
  }
  assert.equal(chiSquareTail(0, 3), 1);
  assert.ok(chiSquareTail(5_000, 3) < 1e-300);
});

test('where nothing has changed, no more reports than stated find anything', (t) => {
  const runs = 600;
  const drifts = seeds(runs).map((seed) => judge(usual, LEAST_ITEMS, seed));
  const significant = drifts.filter(({ features }) =>
    features.some(({ pValue }) => pValue < DRIFT_ALPHA),
  ).length;
  const found = drifts.filter(({ verdict }) => verdict !== 'stable').length;
  t.diagnostic(`${significant} of ${runs} significant, ${found} not stable`);

  // Of a binomial count with this mean, 1 in 10,000 is above.
  const most = runs * DRIFT_ALPHA + 3.72 * Math.sqrt(runs * DRIFT_ALPHA);
  assert.ok(significant <= most, `${significant} significant`);
  assert.ok(found <= significant);
});

const shifts: readonly (readonly [
  name: string,
  change: Partial<World>,
  least: 'watch' | 'drifted',
])[] = [
  ['labels', { positiveShare: 0.7 }, 'watch'],
  ['labels', { positiveShare: 0.8 }, 'drifted'],
  ['chars', { meanChars: 180 }, 'drifted'],
  ['scores', { doubt: 4 }, 'drifted'],
  ['truncated', { truncatedShare: 0.2 }, 'drifted'],
  ['failed', { failedShare: 0.12 }, 'drifted'],
];
for (const [feature, change, least] of shifts) {
  test(`${JSON.stringify(change)} is found by its ${feature}: ${least}`, (t) => {
    const drifts = seeds(60).map((seed) => judge({ ...usual, ...change }, 2 * LEAST_ITEMS, seed));
    const found = drifts.filter(({ verdict, features }) => {
      const own = features.find((each) => each.feature === feature);
      const isFound = own !== undefined && own.verdict !== 'stable';
      return isFound && (least === 'watch' || verdict === 'drifted');
    }).length;
    t.diagnostic(`found in ${found} of 60`);
    assert.ok(found >= 59, `${found}`);
  });
}

test('a tiny change of a million texts is significant and no drift', () => {
  const was = { ...emptyProfile(), items: 1e6, labels: { a: 500_000, b: 500_000 } };
  const is = { ...emptyProfile(), items: 1e6, labels: { a: 510_000, b: 490_000 } };
  const [drift] = judgeDrift([{ model: 'm', variant: 'v', baseline: was, window: is }]);

  assert.ok((drift?.features[0]?.pValue ?? 1) < 1e-6);
  assert.equal(drift?.verdict, 'stable');
});

test('too few texts are said to be too few, and more models do not mean more alarms', () => {
  const random = seededRandom(7);
  const pair = (window: DriftProfile, model: string) => ({
    ...{ model, variant: 'v', baseline: draw(usual, 600, random), window },
  });
  const few = pair(draw(usual, LEAST_ITEMS - 1, random), 'few');
  const [drift] = judgeDrift([few]);
  assert.equal(drift?.verdict, 'too few');
  assert.match(drift?.reason ?? '', /499 texts now and 600 in the baseline; it takes 500/);

  const world = { ...usual, positiveShare: 0.58 };
  const shifted = pair(draw(world, 600, seededRandom(3)), 'shifted');
  const pValueAmong = (others: number) => {
    const rest = seeds(others).map((at) => pair(draw(usual, 600, random), `m${at}`));
    return judgeDrift([shifted, ...rest])[0]?.features[0]?.pValue ?? 0;
  };
  assert.ok(pValueAmong(20) > pValueAmong(0));
});

test('equal counts are no shift, and which side is which changes nothing', () => {
  const [one, other] = [
    [400, 300, 80, 1, 0, 2],
    [300, 350, 120, 9, 3, 0],
  ];
  assert.deepEqual(compareCounts(one, one), { psi: 0, pValue: 1 });
  const [there, back] = [compareCounts(one, other), compareCounts(other, one)];
  assert.ok(Math.abs((there?.psi ?? 0) - (back?.psi ?? 1)) < 1e-12);
  assert.equal(compareCounts([500, 0], [700, 1]), undefined, 'one text in a bin tells nothing');
  assert.equal(compareCounts([0, 0], [0, 0]), undefined);
});
