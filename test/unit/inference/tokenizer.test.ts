import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { readModelBundle } from '#inference/model-bundle.ts';
import { cutToLimit, loadTokenizer } from '#inference/tokenizer.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  changeManifest,
  copyTinyText,
  embedFolder,
  readManifest,
  sst2Folder,
  tinyTextFolder,
} from '../../fixtures/inference/bundles.ts';

async function tokenizerOf(folder: string) {
  return loadTokenizer(await readModelBundle(folder));
}

test('a text at the limit is whole, one token more is cut and says so', async () => {
  const tokenizer = await tokenizerOf(sst2Folder);

  const whole = tokenizer.encode('film '.repeat(510));
  const cut = tokenizer.encode('film '.repeat(511));

  assert.deepEqual([whole.ids.length, whole.truncated], [512, false]);
  assert.deepEqual([cut.ids.length, cut.truncated], [512, true]);
  assert.equal(cut.ids.at(0), whole.ids.at(0));
  assert.equal(cut.ids.at(-1), whole.ids.at(-1));
});

test('each model has its own limit', async () => {
  const tokenizer = await tokenizerOf(embedFolder);

  assert.equal(tokenizer.encode('film '.repeat(1000)).ids.length, 256);
});

test('a cut keeps the first tokens and the final one', () => {
  const ids = fc.array(fc.nat(30_000), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 3, max: 40 }), (all, limit) => {
      const { ids: kept, truncated } = cutToLimit(all, limit);
      assert.equal(truncated, all.length > limit);
      assert.equal(kept.length, Math.min(all.length, limit));
      assert.deepEqual([...kept.slice(0, -1)], all.slice(0, kept.length - 1));
      assert.equal(kept.at(-1), all.at(-1));
    }),
  );
});

test('padding and truncation blocks of tokenizer.json are ignored', async (t) => {
  const bundle = await copyTinyText(await temporaryFolder(t));
  const file = path.join(bundle, 'tokenizer.json');
  const json = JSON.parse(await readFile(file, 'utf8'));
  const padding = { strategy: { Fixed: 128 }, direction: 'Right', pad_id: 0, pad_token: '[PAD]' };
  const truncation = { max_length: 4, strategy: 'LongestFirst', stride: 0, direction: 'Right' };
  const text = JSON.stringify({ ...json, padding, truncation });
  await writeFile(file, text);
  const { files } = await readManifest(bundle);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await changeManifest(bundle, { files: { ...files, 'tokenizer.json': sha256 } });

  const changed = (await tokenizerOf(bundle)).encode('a gripping, beautiful film');
  const usual = (await tokenizerOf(tinyTextFolder)).encode('a gripping, beautiful film');

  assert.deepEqual(changed, usual);
});

test('any string of the allowed size is tokenized within the limit', async () => {
  const tokenizer = await tokenizerOf(tinyTextFolder);
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(text, (any) => {
      const { ids } = tokenizer.encode(any);
      assert.ok(ids.length >= 2 && ids.length <= 512);
    }),
  );
  for (const hard of ['x'.repeat(5000), '😀'.repeat(2500), '漢'.repeat(5000), '\u0000\ud800']) {
    assert.ok(tokenizer.encode(hard).ids.length <= 512);
  }
});
