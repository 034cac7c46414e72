import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { openBulkModel } from '#inference/bulk-model.ts';
import { openModelBundle } from '#inference/model-bundle.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import { changeManifest, copyTinyText, readManifest } from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const onnx = 'onnx/model.onnx';
const invalid = { code: 'model_invalid' };

async function openWorkerModel(bundle: string) {
  const [variant = assert.fail('no variant')] = (await readManifest(bundle)).variants;
  const { name, sha256 } = variant;
  return await openBulkModel({ bundleFolder: bundle, variant: name, sha256, provider: 'cpu' });
}

/** Rewrites a file of the bundle and makes the manifest vouch for it: only the content is wrong. */
async function vouchFor(bundle: string, file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path.join(bundle, file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { files, variants } = await readManifest(bundle);
  await changeManifest(bundle, {
    files: file in files ? { ...files, [file]: sha256 } : files,
    variants: variants.map((variant) => (variant.file === file ? { ...variant, sha256 } : variant)),
  });
}

async function flip(bundle: string, at: number): Promise<void> {
  const file = path.join(bundle, onnx);
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(file, bytes);
}

const damages: Readonly<Record<string, (bundle: string) => Promise<void>>> = {
  'is truncated': (bundle) => truncate(path.join(bundle, onnx), 1_000),
  'is empty': (bundle) => truncate(path.join(bundle, onnx), 0),
  'has a flipped first bit': (bundle) => flip(bundle, 0),
  'has a flipped bit in its weights': (bundle) => flip(bundle, 40_000),
  'is not the one of its SHA-256': async (bundle) => {
    const variants = (await readManifest(bundle)).variants.map((variant) => ({
      ...variant,
      sha256: 'ab'.repeat(32),
    }));
    await changeManifest(bundle, { variants });
  },
};

for (const [what, damage] of Object.entries(damages)) {
  test(`6.3 #17 a model that ${what} is refused before a text is labelled`, async (t) => {
    const bundle = await copyTinyText(await temporaryFolder(t));
    await damage(bundle);
    await assert.rejects(openModelBundle(bundle), invalid);
    await assert.rejects(openWorkerModel(bundle), invalid);
  });
}

test('6.3 #17 a model file that is not whole or of an unknown opset is refused though the manifest vouches for it', async (t) => {
  const whole = await readFile(path.join(await copyTinyText(await temporaryFolder(t)), onnx));
  for (const bytes of [
    Buffer.from('not a model'),
    whole.subarray(0, whole.length - 1_000),
    withOpset(whole, 127),
  ]) {
    const bundle = await copyTinyText(await temporaryFolder(t));
    await vouchFor(bundle, onnx, bytes);
    await assert.rejects(openWorkerModel(bundle), invalid);
  }
});

test('6.3 #17 labels that are not as many as the outputs are refused', async (t) => {
  for (const labels of [['POSITIVE'], ['NEGATIVE', 'NEUTRAL', 'POSITIVE']]) {
    const bundle = await copyTinyText(await temporaryFolder(t));
    const config = JSON.parse(await readFile(path.join(bundle, 'config.json'), 'utf8'));
    const id2label = Object.fromEntries(labels.map((label, at) => [String(at), label]));
    await vouchFor(bundle, 'config.json', Buffer.from(JSON.stringify({ ...config, id2label })));
    await changeManifest(bundle, { labels });
    const detail = new RegExp(`has ${labels.length} labels, but .* gives 2 numbers`);
    await assert.rejects(openWorkerModel(bundle), { ...invalid, detail });
  }
});

/** Sets the version of the default operator set, a field at the end of the file. */
function withOpset(model: Buffer, version: number): Buffer {
  const changed = Buffer.from(model);
  const marks = [Buffer.from([0x42, 0x04, 0x0a, 0x00, 0x10]), Buffer.from([0x42, 0x02, 0x10])];
  const ends = marks.map((mark) => [changed.lastIndexOf(mark), mark.length] as const);
  const [at, length] = ends.find(([start]) => start >= 0) ?? assert.fail('no opset_import');
  changed.writeUInt8(version, at + length);
  return changed;
}

async function swapDuringLoad(t: TestContext, turns: number): Promise<'refused' | 'as planned'> {
  const bundle = await copyTinyText(await temporaryFolder(t));
  const file = path.join(bundle, onnx);
  const other = await readFile(file);
  other.writeUInt8(other.readUInt8(40_000) ^ 0x40, 40_000);
  await writeFile(`${file}.new`, other);
  const opening = openWorkerModel(bundle).catch((error: unknown) => error as Error);
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await rename(`${file}.new`, file);
  const opened = await opening;
  if (opened instanceof Error) {
    assert.equal((opened as { code?: string }).code, 'model_invalid', String(opened));
    return 'refused';
  }
  // It goes on answering from the bytes that it verified, whatever lies on the disk by now.
  const [answer] = await opened.run(['a gripping film']);
  await opened.close();
  assert.deepEqual(answer, await expectedAnswer(t));
  return 'as planned';
}

async function expectedAnswer(t: TestContext) {
  const model = await openWorkerModel(await copyTinyText(await temporaryFolder(t)));
  const [answer] = await model.run(['a gripping film']);
  await model.close();
  return answer;
}

test('6.3 #17 a model that is swapped while it is opened is refused or answers as planned', async (t) => {
  const ends: string[] = [];
  for (let turns = 1; turns <= 2_048; turns *= 2) ends.push(await swapDuringLoad(t, turns));
  t.diagnostic(`6.3 #17: ${ends.length} swaps: ${ends.join(', ')}`);
});
