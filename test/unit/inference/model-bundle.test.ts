import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { openBulkModel } from '#inference/bulk-model.ts';
import { openModelBundle, readModelBundle } from '#inference/model-bundle.ts';
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

const onnx = 'onnx/model.onnx';

async function refuses(
  context: TestContext,
  damage: (bundle: string) => Promise<void>,
  detail: RegExp,
): Promise<void> {
  const bundle = await copyTinyText(await temporaryFolder(context));
  const [variant] = (await readManifest(bundle)).variants;
  assert.ok(variant);
  await damage(bundle);

  await assert.rejects(openModelBundle(bundle), { code: 'model_invalid', detail });
  // A worker opens one file of the bundle only, and must refuse as well.
  const { name, sha256 } = variant;
  const opening = openBulkModel({ bundleFolder: bundle, variant: name, sha256, provider: 'cpu' });
  await assert.rejects(opening, { code: 'model_invalid' });
}

test('every bundle of the project is whole', async () => {
  for (const folder of [sst2Folder, embedFolder, tinyTextFolder]) {
    const { manifest } = await openModelBundle(folder);
    assert.equal(manifest.name, path.basename(folder));
  }
});

test('a flipped bit in the weights is refused', async (t) => {
  await refuses(
    t,
    async (bundle) => {
      const file = path.join(bundle, onnx);
      const bytes = await readFile(file);
      bytes.writeUInt8(bytes.readUInt8(40_000) ^ 1, 40_000);
      await writeFile(file, bytes);
    },
    /^onnx\/model\.onnx has SHA-256 .* damaged/,
  );
});

test('a truncated model file is refused', async (t) => {
  await refuses(t, (bundle) => truncate(path.join(bundle, onnx), 70_000), /^onnx\/model\.onnx has/);
});

test('a missing model file is refused', async (t) => {
  await refuses(t, (bundle) => rm(path.join(bundle, onnx)), /no readable file onnx\/model\.onnx/);
});

test('a changed tokenizer is refused', async (t) => {
  const file = 'tokenizer.json';
  const change = async (bundle: string) => writeFile(path.join(bundle, file), '{}');
  await refuses(t, change, /^tokenizer\.json has SHA-256/);
});

test('labels that do not fit config.json are refused', async (t) => {
  const labels = ['POSITIVE', 'NEGATIVE'];
  await refuses(t, (bundle) => changeManifest(bundle, { labels }), /id2label.* NEGATIVE, POSITIVE/);
});

test('a classifier without labels is refused', async (t) => {
  await refuses(t, (bundle) => changeManifest(bundle, { labels: [] }), /labels/);
});

test('a manifest with an unknown member or without tokenizer hash is refused', async (t) => {
  await refuses(t, (bundle) => changeManifest(bundle, { color: 'red' }), /color/);
  await refuses(t, (bundle) => changeManifest(bundle, { files: {} }), /no SHA-256 for tokenizer/);
});

test('a path that leads out of the bundle is refused', async (t) => {
  const { files } = await readManifest(tinyTextFolder);
  const away = { ...files, '../secret': '0'.repeat(64) };
  await refuses(t, (bundle) => changeManifest(bundle, { files: away }), /switchyard\.json is not/);
});

test('a bundle without switchyard.json is refused', async (t) => {
  const bundle = await temporaryFolder(t);
  const refusal = { code: 'model_invalid', detail: /no readable file switchyard\.json/ };
  await assert.rejects(readModelBundle(bundle), refusal);
});
