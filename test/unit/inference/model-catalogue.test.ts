import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { describeModel } from '#inference/describe-model.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  changeManifest,
  copyTinyText,
  fixtureModelsFolder,
  modelsFolder,
  readManifest,
} from '../../fixtures/inference/bundles.ts';

const folders = [modelsFolder, fixtureModelsFolder];

test('the catalogue lists the bundles of every folder by name', async () => {
  const catalogue = await openModelCatalogue({ folders });

  const names = catalogue.models().map(({ manifest }) => manifest.name);

  assert.deepEqual(names, ['minilm-embed', 'sst2-minilm', 'tiny-text']);
});

test('an unknown model is refused, a path as well', async () => {
  const catalogue = await openModelCatalogue({ folders: [modelsFolder] });
  for (const name of ['nothing', '../../etc/passwd', '__proto__', '']) {
    assert.throws(() => catalogue.bundle(name), { code: 'model_not_found' });
  }
});

test('a job is pinned to version, file, hash and provider of its lane', async () => {
  const catalogue = await openModelCatalogue({ folders, gpuProvider: 'webgpu' });
  const [cpu, gpu] = catalogue.bundle('tiny-text').manifest.variants;

  assert.deepEqual(catalogue.describe('tiny-text', 'cpu-fleet'), {
    version: '1.0.0',
    variant: 'cpu-fp32',
    sha256: cpu?.sha256,
    provider: 'cpu',
  });
  assert.deepEqual(catalogue.describe('tiny-text', 'gpu-spot'), {
    version: '1.0.0',
    variant: 'gpu-fp32',
    sha256: gpu?.sha256,
    provider: 'webgpu',
  });
});

test('a lane that cannot run the model is refused with the reason', async () => {
  const withGpu = await openModelCatalogue({ folders, gpuProvider: 'webgpu' });
  const withoutGpu = await openModelCatalogue({ folders });

  assert.throws(() => withGpu.describe('minilm-embed', 'gpu-spot'), {
    code: 'lane_unavailable',
    detail: /the bundle has no GPU file/,
  });
  assert.throws(() => withoutGpu.describe('tiny-text', 'gpu-on-demand'), {
    code: 'lane_unavailable',
    detail: /no GPU provider/,
  });
  assert.throws(() => withGpu.describe('tiny-text', 'tpu'), { code: 'lane_unavailable' });
});

test('two bundles of one name are refused', async (t) => {
  const folder = await temporaryFolder(t);
  await rename(await copyTinyText(folder), path.join(folder, 'copy'));
  const opening = openModelCatalogue({ folders: [fixtureModelsFolder, folder] });
  await assert.rejects(opening, {
    code: 'model_invalid',
    detail: /Two bundles are named tiny-text/,
  });
});

test('a folder that is not there is refused', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'missing');
  await assert.rejects(openModelCatalogue({ folders: [folder] }), { code: 'model_invalid' });
});

test('the description names lanes with reasons and warns of dependent variants', async (t) => {
  const folder = await temporaryFolder(t);
  const copy = await copyTinyText(folder);
  const { variants } = await readManifest(copy);
  const dependent = variants.map((each) => ({ ...each, independentOfNeighbours: false }));
  await changeManifest(copy, { variants: dependent.slice(0, 1) });
  const catalogue = await openModelCatalogue({ folders: [folder] });

  const description = describeModel(catalogue.bundle('tiny-text'), undefined, null);

  const reasons = description.lanes.map(({ lane, available }) => [lane, available]);
  assert.deepEqual(Object.fromEntries(reasons), {
    cpu: true,
    'cpu-fleet': true,
    'gpu-spot': false,
    'gpu-on-demand': false,
  });
  assert.match(description.lanes.at(-1)?.reason ?? '', /no GPU file/);
  assert.match(description.warnings.join(), /answers of cpu-fp32 would change/);
  assert.equal(description.serving, null);
});
