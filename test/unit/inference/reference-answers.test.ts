import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { readModelBundle } from '#inference/model-bundle.ts';
import type { OnnxSession } from '#inference/onnx-session.ts';
import { openModelSession } from '#inference/open-model-session.ts';
import { loadTokenizer, type TextTokenizer } from '#inference/tokenizer.ts';
import { embedFolder, sst2Folder } from '../../fixtures/inference/bundles.ts';
import { int8LogitTolerance } from '../../fixtures/inference/processor.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

interface ReferenceItem {
  readonly text: string;
  readonly input_ids: readonly number[];
  readonly int8: readonly number[];
}

function referenceItems(model: string): readonly ReferenceItem[] {
  const file = new URL(`../../fixtures/reference/${model}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).items;
}

async function openModel(folder: string): Promise<[TextTokenizer, OnnxSession]> {
  const bundle = await readModelBundle(folder);
  const tokenizer = await loadTokenizer(bundle);
  const { manifest } = bundle;
  const [variant] = manifest.variants;
  assert.ok(variant);
  const { padTokenId } = tokenizer;
  const spec = { folder, manifest, variant, provider: 'cpu', padTokenId } as const;
  return [tokenizer, await openModelSession(spec)];
}

async function largestDifference(folder: string, items: readonly ReferenceItem[]) {
  const [tokenizer, session] = await openModel(folder);
  let largest = 0;
  for (const { text, input_ids, int8 } of items) {
    const { ids } = tokenizer.encode(text);
    assert.deepEqual([...ids], input_ids);
    const [row] = await session.run([ids]);
    assert.equal(row?.length, int8.length);
    for (const [place, expected] of int8.entries()) {
      largest = Math.max(largest, Math.abs((row?.[place] ?? NaN) - expected));
    }
  }
  await session.close();
  return largest;
}

test('sst2-minilm gives the token ids and int8 logits of its reference', async (t) => {
  const items = referenceItems('sst2-minilm');
  const { tolerance, reason } = int8LogitTolerance();

  const largest = await largestDifference(sst2Folder, items);

  t.diagnostic(`largest difference ${largest} over ${items.length} texts (${reason})`);
  assert.equal(items.length, 200);
  assert.ok(largest <= tolerance, `${largest} > ${tolerance}: ${reason}`);
});

test('minilm-embed gives the token ids and vectors of its reference', async (t) => {
  const items = referenceItems('minilm-embed');
  const { tolerance, reason } = int8LogitTolerance();
  // Components are about 0.05 in size; between kinds of processors they move by a few thousandths.
  const vectorTolerance = tolerance < 0.01 ? 1e-5 : 0.02;

  const largest = await largestDifference(embedFolder, items);

  t.diagnostic(`largest difference ${largest} over ${items.length} texts (${reason})`);
  assert.equal(items.length, 16);
  assert.ok(largest <= vectorTolerance, `${largest} > ${vectorTolerance}: ${reason}`);
});
