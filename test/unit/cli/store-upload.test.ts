import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { storeUpload } from '../../../cli/service/store-upload.ts';

async function serverFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-upload-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder);
  await writeFile(join(dataFolder, 'secret'), 'the mark of a server');
  const file = join(folder, 'my räws.v2.jsonl');
  await writeFile(file, '{"text":"a"}\n');
  return { file, dataFolder, to: { dataFolder, reason: 'it is large', model: 'tiny-text' } };
}

const filesBelow = async (folder: string) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

test('an upload is stored under its hash and a name that a key can hold', async (t) => {
  const { file, dataFolder, to } = await serverFolder(t);

  const { uri } = await storeUpload(file, to);

  const sha256 = createHash('sha256').update('{"text":"a"}\n').digest('hex');
  assert.equal(uri, `s3://local/uploads/local/${sha256.slice(0, 16)}/my_r_ws.v2.jsonl`);
  const key = uri.slice('s3://local/'.length);
  assert.equal(await readFile(join(dataFolder, 'bucket', key), 'utf8'), '{"text":"a"}\n');
  assert.equal((await filesBelow(dataFolder)).length, 2, 'nothing temporary is left');
});

test('a discarded upload is gone, unless it was there before', async (t) => {
  const { file, dataFolder, to } = await serverFolder(t);
  const first = await storeUpload(file, to);
  const second = await storeUpload(file, to);
  assert.equal(second.uri, first.uri);

  await second.discard();
  assert.equal((await filesBelow(dataFolder)).length, 2);
  await first.discard();
  assert.deepEqual(await filesBelow(dataFolder), ['secret']);
});

test('an upload is refused with both ways out where no server keeps its data', async (t) => {
  const { file, dataFolder, to } = await serverFolder(t);
  await rm(join(dataFolder, 'secret'));

  await assert.rejects(storeUpload(file, to), (error: Error & Record<string, unknown>) => {
    assert.equal(error['exitCode'], 2);
    assert.match(String(error['detail']), /because it is large/);
    assert.match(String(error['remedy']), /--data.*bucket\/inbox\/tiny-text\//);
    return true;
  });
  assert.deepEqual(await filesBelow(dataFolder), []);
});
