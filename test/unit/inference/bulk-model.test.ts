import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { type BulkModel, openBulkModel } from '#inference/bulk-model.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  changeManifest,
  copyTinyText,
  embedFolder,
  readManifest,
  sst2Folder,
  tinyTextFolder,
} from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

async function openOnCpu(bundleFolder: string): Promise<BulkModel> {
  const [variant] = (await readManifest(bundleFolder)).variants;
  assert.ok(variant);
  const { name, sha256 } = variant;
  return openBulkModel({ bundleFolder, variant: name, sha256, provider: 'cpu' });
}

const words = [
  'film',
  'dull',
  'gripping',
  'not',
  'a',
  'the',
  'wonderful',
  'mess',
  ',',
  'is',
  'k-19',
];
const sentence = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 60 })
  .map((each) => each.join(' '));
const sentences = fc.array(sentence, { minLength: 1, maxLength: 24 });

async function answersAlone(model: BulkModel, texts: readonly string[]): Promise<ItemOutcome[]> {
  const outcomes = [];
  for (const text of texts) outcomes.push(...(await model.run([text])));
  return outcomes;
}

test('sst2-minilm gives exactly the same answer alone and among any neighbours', async () => {
  const model = await openOnCpu(sst2Folder);
  await fc.assert(
    fc.asyncProperty(sentences, async (texts) => {
      assert.deepEqual(await model.run(texts), await answersAlone(model, texts));
    }),
    { numRuns: 25 },
  );
  await model.close();
});

// Parts in floating point may be added in another order when a batch has another shape.
test('minilm-embed gives the same vector within 1e-6 among any neighbours', async () => {
  const model = await openOnCpu(embedFolder);
  await fc.assert(
    fc.asyncProperty(sentences, async (texts) => {
      const alone = await answersAlone(model, texts);
      const together = await model.run(texts);
      for (const [index, outcome] of together.entries()) {
        assert.ok(largestDifference(outcome, alone[index]) <= 1e-6);
      }
    }),
    { numRuns: 10 },
  );
  await model.close();
});

test('a variant whose answers depend on neighbours is given none', async (t) => {
  const bundle = await copyTinyText(await temporaryFolder(t));
  const { variants } = await readManifest(bundle);
  const dependent = variants.map((each) => ({ ...each, independentOfNeighbours: false }));
  await changeManifest(bundle, { variants: dependent });
  const model = await openOnCpu(bundle);
  await fc.assert(
    fc.asyncProperty(sentences, async (texts) => {
      assert.deepEqual(await model.run(texts), await answersAlone(model, texts));
    }),
    { numRuns: 100 },
  );
  await model.close();
});

test('outcomes keep the order of the texts, report truncation and count tokens', async () => {
  const model = await openOnCpu(tinyTextFolder);
  const texts = ['dull mess '.repeat(400), 'wonderful', 'dull', 'a wonderful film'];

  const outcomes = await model.run(texts);

  const seen = outcomes.map((each) => {
    assert.ok(each.ok && each.answer.kind === 'classification');
    const { scores, truncated, tokens } = each.answer;
    return [scores[0]?.label, truncated, tokens];
  });
  assert.deepEqual(seen, [
    ['NEGATIVE', true, 512],
    ['POSITIVE', false, 3],
    ['NEGATIVE', false, 3],
    ['POSITIVE', false, 5],
  ]);
  assert.deepEqual(await model.run([]), []);
  await model.close();
});

test('provenance names model, file, provider, device and runtime', async () => {
  const model = await openOnCpu(tinyTextFolder);
  const [variant] = (await readManifest(tinyTextFolder)).variants;

  const { device, ...rest } = model.provenance;

  assert.notEqual(device, '');
  assert.deepEqual(rest, {
    model: 'tiny-text',
    modelVersion: '1.0.0',
    modelSha256: variant?.sha256,
    variant: 'cpu-fp32',
    provider: 'cpu',
    runtime: 'onnxruntime-node 1.30.0',
  });
  await model.close();
});

test('another version than the planned one is refused', async () => {
  const sha256 = '0'.repeat(64);
  const opening = openBulkModel({
    bundleFolder: tinyTextFolder,
    variant: 'cpu-fp32',
    sha256,
    provider: 'cpu',
  });
  await assert.rejects(opening, { code: 'model_invalid', detail: /was planned with/ });
});

function largestDifference(a: ItemOutcome | undefined, b: ItemOutcome | undefined): number {
  assert.ok(a?.ok && a.answer.kind === 'embedding');
  assert.ok(b?.ok && b.answer.kind === 'embedding');
  const { embedding } = b.answer;
  const differences = a.answer.embedding.map((x, place) => Math.abs(x - (embedding[place] ?? NaN)));
  return Math.max(...differences);
}

test('a model that gives another answer than its manifest promises is given no row', async (t) => {
  const bundle = await copyTinyText(await temporaryFolder(t));
  const { warmUp } = await readManifest(bundle);
  await changeManifest(bundle, { warmUp: { ...warmUp, label: 'NEGATIVE' } });
  await assert.rejects(openOnCpu(bundle), {
    code: 'model_invalid',
    detail: /label POSITIVE instead of NEGATIVE/,
  });
});
