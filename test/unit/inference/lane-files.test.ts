import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { filesForLanes, variantForLane } from '#core/models/lane-files.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import { readManifest, sst2Folder, tinyTextFolder } from '../../fixtures/inference/bundles.ts';

const int8 = 'onnx/model_quantized.onnx';
const fp16 = 'onnx/model_fp16.onnx';

test('each lane has the smallest file that is made for its processor', async () => {
  const manifest = await readManifest(sst2Folder);
  assert.equal(variantForLane(manifest, 'cpu')?.file, int8);
  assert.equal(variantForLane(manifest, 'cpu-fleet')?.file, int8);
  assert.equal(variantForLane(manifest, 'gpu-spot')?.file, fp16);
  assert.equal(variantForLane(manifest, 'gpu-on-demand')?.file, fp16);
});

test('a package holds the weights of its lanes only, and always the small files', async () => {
  const manifest = await readManifest(sst2Folder);
  const small = [
    'config.json',
    'special_tokens_map.json',
    'switchyard.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ];
  const sorted = (...weights: string[]) => [...small, ...weights].sort();

  assert.deepEqual(filesForLanes(manifest, []), small);
  assert.deepEqual(filesForLanes(manifest, ['cpu', 'cpu-fleet']), sorted(int8));
  assert.deepEqual(filesForLanes(manifest, ['gpu-spot']), sorted(fp16));
  assert.deepEqual(filesForLanes(manifest, ['cpu', 'gpu-spot']), sorted(int8, fp16));
  const shared = await readManifest(tinyTextFolder);
  assert.deepEqual(filesForLanes(shared, ['cpu', 'gpu-spot']), sorted('onnx/model.onnx'));
});

/** A folder with sst2-minilm, less the named files. */
async function bundlesWithout(t: TestContext, ...files: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  const bundle = path.join(folder, 'sst2-minilm');
  await cp(sst2Folder, bundle, { recursive: true });
  for (const file of files) await rm(path.join(bundle, file));
  return folder;
}

test('a machine without a GPU never reads the GPU file', async (t) => {
  const folder = await bundlesWithout(t, fp16);
  const catalogue = await openModelCatalogue({ folders: [folder] });
  assert.equal(catalogue.describe('sst2-minilm', 'cpu').variant, 'cpu-int8');
});

test('with a GPU, a package that came without the GPU file has no GPU lane and says why', async (t) => {
  const folder = await bundlesWithout(t, fp16);
  const catalogue = await openModelCatalogue({ folders: [folder], gpuProvider: 'webgpu' });
  assert.throws(() => catalogue.describe('sst2-minilm', 'gpu-spot'), {
    code: 'lane_unavailable',
    detail: /no GPU file/,
  });
});

test('a CPU file that is missing is never passed over', async (t) => {
  const folders = [await bundlesWithout(t, int8)];
  const invalid = { code: 'model_invalid', detail: /no readable file onnx\/model_quantized/ };
  await assert.rejects(openModelCatalogue({ folders }), invalid);
  await assert.rejects(openModelCatalogue({ folders, gpuProvider: 'webgpu' }), invalid);
});

test('a function without weights pins jobs to the files that its workers hold', async (t) => {
  const folders = [await bundlesWithout(t, int8, fp16)];
  const catalogue = await openModelCatalogue({ folders, gpuProvider: 'cuda', lanes: [] });
  const { variants } = await readManifest(sst2Folder);
  assert.deepEqual(catalogue.describe('sst2-minilm', 'gpu-spot'), {
    version: '1.0.0',
    variant: 'gpu-fp16',
    sha256: variants.find(({ name }) => name === 'gpu-fp16')?.sha256,
    provider: 'cuda',
  });
  assert.equal(catalogue.describe('sst2-minilm', 'cpu-fleet').variant, 'cpu-int8');
});
