import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { deriveGpuCurve, deriveLambdaCurve } from '#core/routing/curves/derive-curves.ts';
import { fitLine, worstErrorOf } from '#core/routing/curves/fit-line.ts';
import { estimateTokens, modelCurvesSchema } from '#core/routing/curves/model-curves.ts';
import { chanceBy, meanSeconds, quantilesOf, secondsAt } from '#core/routing/curves/quantiles.ts';
import { LEAST_RUNS, learnCurve, type ObservedRun } from '#core/routing/curves/update-curve.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { loadTokenizer } from '#inference/tokenizer.ts';
import { modelsFolder } from '../../fixtures/inference/bundles.ts';
import { seedCurve } from '../../fixtures/routing/seed-state.ts';
import { textSets } from '../../fixtures/routing/text-sets.ts';

const readCurves = (model: string) =>
  modelCurvesSchema.parse(
    JSON.parse(readFileSync(join(modelsFolder, model, 'curves.json'), 'utf8')),
  );

for (const model of ['sst2-minilm', 'minilm-embed']) {
  test(`${model}: tokens are estimated from bytes as closely as its curves.json says`, async () => {
    const { tokens: estimate } = readCurves(model);
    const bundle = await readModelBundle(join(modelsFolder, model));
    const tokenizer = await loadTokenizer(bundle);
    for (const { name, texts } of textSets()) {
      const some = texts.slice(0, 200);
      const counted = some.reduce((sum, text) => sum + tokenizer.encode(text).ids.length, 0);
      const bytes = some.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      const limit = bundle.manifest.tokenLimit;
      const estimated = estimateTokens({ items: some.length, bytes }, estimate, limit);
      // The figure was measured on 1,000 texts a set; 200 of them scatter a little more.
      const error = Math.abs(estimated / counted - 1);
      assert.ok(error <= estimate.fileError + 0.08, `${name}: ${error}`);
    }
  });

  test(`${model}: its curve was measured with this version on a named machine`, async () => {
    const { manifest } = await readModelBundle(join(modelsFolder, model));
    const { modelVersion, curves } = readCurves(model);
    assert.equal(modelVersion, manifest.version);
    for (const curve of curves) {
      assert.ok(manifest.variants.some(({ name }) => name === curve.variant));
      assert.ok(curve.worstError < 0.3, `${curve.variant} is no line: ${curve.worstError}`);
    }
  });
}

test('tokens stay between one per item and the limit', () => {
  const { tokens } = readCurves('sst2-minilm');
  assert.equal(estimateTokens({ items: 10, bytes: 1_000_000 }, tokens, 512), 5_120);
  assert.ok(estimateTokens({ items: 10, bytes: 10 }, tokens, 512) >= 10);
});

test('a line is found again, with less weight on noise of long calls', () => {
  const points = [4, 8, 16, 32, 64, 128].map((x) => ({ x, y: 0.002 + 0.00005 * x }));
  const line = fitLine(points);
  assert.ok(Math.abs(line.intercept - 0.002) < 1e-9 && Math.abs(line.slope - 0.00005) < 1e-12);
  assert.ok(worstErrorOf(line, points) < 1e-6);
  assert.ok(
    fitLine([
      { x: 1, y: 1 },
      { x: 2, y: 4 },
    ]).intercept >= 0,
  );
});

const runs = (factor: number, count: number): ObservedRun[] =>
  Array.from({ length: count }, (_, at) => {
    const tokens = 100 + 37 * at;
    const predicted = 10 * seedCurve.perCallSeconds + tokens * seedCurve.perTokenSeconds;
    return { calls: 10, tokens, runSeconds: predicted * factor };
  });
const measured = { ...seedCurve, factor: 1, runs: 0 };

test('the ledger moves a curve step by step to what it sees', () => {
  let curve = learnCurve(measured, []);
  assert.equal(curve.factor, 1);
  assert.equal(learnCurve(measured, runs(2, LEAST_RUNS - 1)).factor, 1);
  for (let update = 0; update < 30; update += 1) curve = learnCurve(curve, runs(2, 20));
  assert.ok(Math.abs(curve.factor - 2) < 0.01, String(curve.factor));
  assert.ok(Math.abs(curve.perTokenSeconds / seedCurve.perTokenSeconds - 2) < 0.01);
});

test('wild runs move a curve by no more than the rest would, and never out of bounds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 9 }),
      (wild) => {
        const noise = wild.map((runSeconds) => ({ calls: 10, tokens: 500, runSeconds }));
        const { factor } = learnCurve(measured, [...runs(1.1, 11), ...noise]);
        assert.ok(factor >= 1 && factor <= 1.1 + 1e-9, String(factor));
      },
    ),
  );
  let curve = learnCurve(measured, runs(1_000, 20));
  for (let update = 0; update < 50; update += 1) curve = learnCurve(curve, runs(1_000, 20));
  assert.ok(curve.factor <= 4 + 1e-9);
});

test('a Lambda is slower than the measured core and a GPU faster, with the reason said', () => {
  const small = deriveLambdaCurve(seedCurve, 884);
  const large = deriveLambdaCurve(seedCurve, 1769);
  assert.ok(small.perTokenSeconds > large.perTokenSeconds);
  assert.equal(Math.round(1 / large.bulkPerTokenSeconds), 2_560);
  const gpu = deriveGpuCurve(seedCurve, 'T4');
  assert.equal(Math.round(1 / (gpu?.bulkPerTokenSeconds ?? 1)), 102_400);
  assert.match(gpu?.assumption ?? '', /T4/);
  assert.equal(deriveGpuCurve(seedCurve, 'no such GPU'), undefined);
});

test('quantiles: values, mean and chance belong together', () => {
  const time = { levels: [0, 0.5, 1], seconds: [10, 20, 60] };
  assert.equal(secondsAt(time, 0.25), 15);
  assert.equal(meanSeconds(time), 27.5);
  assert.ok(Math.abs(chanceBy((level) => secondsAt(time, level), 40) - 0.75) < 1e-5);
  assert.equal(
    chanceBy((level) => secondsAt(time, level), 9),
    0,
  );
  assert.equal(
    chanceBy((level) => secondsAt(time, level), 60),
    1,
  );
  assert.deepEqual(quantilesOf([3, 1, 2], [0, 0.5, 1]).seconds, [1, 2, 3]);
});
