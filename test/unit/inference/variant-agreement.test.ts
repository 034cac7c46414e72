import assert from 'node:assert/strict';
import test from 'node:test';
import { readModelBundle } from '#inference/model-bundle.ts';
import { openOnnxSession } from '#inference/onnx-session.ts';
import { runTask } from '#inference/tasks/run-task.ts';
import { tokenBatches } from '#inference/token-batches.ts';
import { loadTokenizer } from '#inference/tokenizer.ts';
import { developmentCorpus } from '../../fixtures/harness/corpus.ts';
import { sst2Folder } from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

// The GPU file runs on the CPU provider here: what is compared is the files, not the processors.

const corpus = developmentCorpus();
const bundle = await readModelBundle(sst2Folder);
const tokenizer = await loadTokenizer(bundle);

async function labelsOf(variantName: string): Promise<readonly string[]> {
  const variant = bundle.manifest.variants.find(({ name }) => name === variantName);
  assert.ok(variant, variantName);
  const { file, sha256 } = variant;
  const { padTokenId } = tokenizer;
  const session = await openOnnxSession({
    folder: sst2Folder,
    file,
    sha256,
    provider: 'cpu',
    padTokenId,
  });
  const runRows = async (rows: readonly Int32Array[]) => {
    const outputs = new Array<Float32Array>(rows.length);
    for (const batch of tokenBatches(
      rows.map(({ length }) => length),
      512,
    )) {
      const results = await session.run(batch.map((index) => rows[index] ?? assert.fail()));
      for (const [place, index] of batch.entries())
        outputs[index] = results[place] ?? assert.fail();
    }
    return outputs;
  };
  const texts = corpus.rows.map(({ text }) => text);
  const outcomes = await runTask(texts, bundle, { tokenizer, runRows });
  await session.close();
  return outcomes.map((outcome) => {
    assert.ok(outcome.ok && outcome.answer.kind === 'classification');
    return outcome.answer.scores[0]?.label ?? assert.fail('no label');
  });
}

test('the GPU file agrees with the CPU file as often as switchyard.json says', async () => {
  const { variants, evaluation } = bundle.manifest;
  const [int8, fp16] = [await labelsOf('cpu-int8'), await labelsOf('gpu-fp16')];
  const same = fp16.filter((label, at) => label === int8[at]).length;
  const right = fp16.filter((label, at) => label === corpus.rows[at]?.label).length;

  console.log(`${same} of ${fp16.length} labels agree, ${right} right (${corpus.origin})`);
  const share = same / fp16.length;
  assert.ok(share >= 0.985, `${share} agree`);
  if (corpus.origin === 'generated') return;
  const promised = variants.find(({ name }) => name === 'gpu-fp16')?.agreement;
  // Processors without VNNI may move a label or two of the int8 file.
  assert.ok(Math.abs(share - (promised?.labels ?? 0)) < 0.004, `${share}, not ${promised?.labels}`);
  const stated = evaluation.find(({ variant }) => variant === 'gpu-fp16')?.right ?? 0;
  assert.ok(Math.abs(right - stated) <= 1, `${right} right, not ${stated}`);
});
