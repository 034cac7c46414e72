import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Provider } from '#core/models/provider.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { openOnnxSession } from '#inference/onnx-session.ts';
import { openModelSession } from '#inference/open-model-session.ts';
import { variantFor } from '#inference/provider-choice.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  copyTinyText,
  embedFolder,
  readManifest,
  tinyTextFolder,
} from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

async function tinyTextFile() {
  const [variant] = (await readManifest(tinyTextFolder)).variants;
  assert.ok(variant);
  return { folder: tinyTextFolder, file: variant.file, sha256: variant.sha256, padTokenId: 0 };
}

test('an unknown provider is refused with the list of those there are', async () => {
  const provider = 'CUDAExecutionProvider' as Provider;
  await assert.rejects(openOnnxSession({ ...(await tinyTextFile()), provider }), {
    code: 'provider_unavailable',
    detail: /has no execution provider CUDAExecutionProvider; it has cpu/,
  });
});

test('a provider without its device or library is refused, never replaced by the CPU', async () => {
  // ONNX Runtime lists cuda on Linux, but its libraries are not part of the npm package.
  const opening = openOnnxSession({ ...(await tinyTextFile()), provider: 'cuda' });
  await assert.rejects(opening, { code: 'provider_unavailable' });
});

test('the opener throws before the native library loads unless telemetry is off', async (t) => {
  const before = process.env['ORT_DISABLE_TELEMETRY'];
  t.after(() => {
    process.env['ORT_DISABLE_TELEMETRY'] = before;
  });
  for (const value of [undefined, '', '0', 'true']) {
    if (value === undefined) delete process.env['ORT_DISABLE_TELEMETRY'];
    else process.env['ORT_DISABLE_TELEMETRY'] = value;
    const opening = openOnnxSession({ ...(await tinyTextFile()), provider: 'cpu' });
    await assert.rejects(opening, { code: 'invalid_setting', detail: /ORT_DISABLE_TELEMETRY/ });
  }
});

test('labels that do not fit the width of the output are refused', async () => {
  const { folder, manifest } = await readModelBundle(tinyTextFolder);
  const three = { ...manifest, labels: ['A', 'B', 'C'] };
  const variant = variantFor(three, { variant: 'cpu-fp32', provider: 'cpu' });
  const spec = { folder, manifest: three, variant, provider: 'cpu', padTokenId: 0 } as const;
  await assert.rejects(openModelSession(spec), {
    code: 'model_invalid',
    detail: /has 3 labels, but onnx\/model\.onnx gives 2 numbers/,
  });
});

test('a file that is no ONNX model is refused although its SHA-256 is right', async (t) => {
  const bundle = await copyTinyText(await temporaryFolder(t));
  const file = 'onnx/model.onnx';
  const bytes = (await readFile(path.join(bundle, file))).subarray(0, 1000);
  await writeFile(path.join(bundle, file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const opening = openOnnxSession({ folder: bundle, file, sha256, provider: 'cpu', padTokenId: 0 });
  await assert.rejects(opening, { code: 'model_invalid', detail: /cannot open onnx\/model\.onnx/ });
});

test('the GPU variant of a bundle without one is refused with the variants it has', async () => {
  const { manifest } = await readModelBundle(embedFolder);
  assert.throws(() => variantFor(manifest, { variant: 'gpu-fp16', provider: 'webgpu' }), {
    code: 'model_invalid',
    detail: /no variant gpu-fp16; it has cpu-int8/,
  });
  assert.throws(() => variantFor(manifest, { variant: 'cpu-int8', provider: 'webgpu' }), {
    code: 'provider_unavailable',
    detail: /needs a gpu-\* variant/,
  });
});
