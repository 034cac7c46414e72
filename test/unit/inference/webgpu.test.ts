import assert from 'node:assert/strict';
import test from 'node:test';
import type { Provider } from '#core/models/provider.ts';
import { openBulkModel } from '#inference/bulk-model.ts';
import { readManifest, tinyTextFolder } from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const skip =
  process.env['VK_ICD_FILENAMES'] === undefined
    ? 'WebGPU NOT TESTED: set VK_ICD_FILENAMES to a Vulkan driver, such as ' +
      '/usr/lib/chromium/vk_swiftshader_icd.json, and LD_LIBRARY_PATH to the folder of ' +
      'libvulkan.so.1, such as /usr/lib/chromium, where the system has none'
    : false;

const texts = [
  'a gripping, beautiful film',
  'dull',
  'not a bad film , but a long one , and the jokes are old',
  'wonderful '.repeat(300),
  '',
];

async function openTinyText(variant: string, provider: Provider) {
  const { variants } = await readManifest(tinyTextFolder);
  const sha256 = variants.find(({ name }) => name === variant)?.sha256 ?? '';
  return openBulkModel({ bundleFolder: tinyTextFolder, variant, sha256, provider });
}

test('tiny-text on WebGPU agrees with the CPU within 1e-5', { skip }, async () => {
  const cpu = await openTinyText('cpu-fp32', 'cpu');
  const gpu = await openTinyText('gpu-fp32', 'webgpu');

  const expected = await cpu.run(texts);
  const outcomes = await gpu.run(texts);

  assert.equal(gpu.provenance.provider, 'webgpu');
  assert.match(gpu.provenance.device, /webgpu/);
  for (const [index, outcome] of outcomes.entries()) {
    const other = expected[index];
    assert.ok(outcome.ok && outcome.answer.kind === 'classification');
    assert.ok(other?.ok && other.answer.kind === 'classification');
    const [a, b] = [outcome.answer.scores, other.answer.scores];
    for (const [place, { label, score }] of a.entries()) {
      assert.equal(label, b[place]?.label);
      assert.ok(Math.abs(score - (b[place]?.score ?? NaN)) <= 1e-5);
    }
  }
  await Promise.all([cpu.close(), gpu.close()]);
});
