import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generatedReviews } from '../fixtures/harness/corpus.ts';
import { completeJob, createJob, failedJob, outcomeOf, runJob } from '../fixtures/harness/jobs.ts';
import { assertEveryRowOnce, resultLines } from '../fixtures/harness/outbox.ts';
import {
  fixtureModels,
  projectFolder,
  type Switchyard,
  startSwitchyard,
} from '../fixtures/harness/start-switchyard.ts';

const model = 'tiny-text';
const items = generatedReviews(64, 31).map(({ text }) => ({ text }));
const servers: Switchyard[] = [];

after(async () => {
  await Promise.all(servers.map((server) => server.dispose()));
});

async function start(env: Readonly<Record<string, string>>): Promise<Switchyard> {
  const server = await startSwitchyard({ workers: 1, env });
  servers.push(server);
  return server;
}

const swiftShader = process.env['VK_ICD_FILENAMES'];
const noWebgpu =
  swiftShader === undefined || !existsSync(swiftShader)
    ? 'VK_ICD_FILENAMES names no Vulkan driver: WebGPU IS NOT TESTED'
    : false;

test('a job on WebGPU agrees with the CPU and says where it ran', { skip: noWebgpu }, async () => {
  const server = await start({ SWITCHYARD_GPU_PROVIDER: 'webgpu' });

  const onCpu = await runJob(server, { model, items, lane: 'cpu-fleet' });
  const onGpu = await runJob(server, { model, items, lane: 'gpu-spot' }, 600_000);

  assertEveryRowOnce(onGpu, items.length);
  const cpuLines = resultLines(onCpu);
  for (const { index, label, score } of resultLines(onGpu)) {
    assert.equal(label, cpuLines[index]?.label, `row ${index}`);
    assert.ok(Math.abs(score - (cpuLines[index]?.score ?? Number.NaN)) <= 1e-5, `row ${index}`);
  }
  assert.match(JSON.stringify(onGpu.manifest), /"webgpu"/);
  assert.doesNotMatch(JSON.stringify(onCpu.manifest), /webgpu/);
});

test('a lane whose provider is absent fails and touches no row', async () => {
  const server = await start({ SWITCHYARD_GPU_PROVIDER: 'cuda' });
  const { id } = await createJob(server, { model, items, lane: 'gpu-spot' });

  const job = await failedJob(server, id);

  assert.equal(job.counts.completed + job.counts.failed, 0);
  assert.deepEqual(partsUnder(server, id), []);
});

test('a worker told to use a provider that is not there exits with 64 and touches no row', async () => {
  const server = await start({});
  const job = await completeJob(server, (await createJob(server, { model, items })).id);
  assert.equal((await outcomeOf(server, job)).errors.length, 0);
  await server.killTree();
  await forgetWork(server, job.id);

  for (const provider of ['rocm', 'cuda', '../cpu', '']) {
    assert.equal(await runWorker(server, job.id, provider), 64, `"${provider}"`);
    assert.deepEqual(partsUnder(server, job.id), [], `"${provider}"`);
  }

  // The same call with a provider that is there does the work: the setup above is sound.
  assert.equal(await runWorker(server, job.id, 'cpu'), 0);
  assert.ok(partsUnder(server, job.id).length > 0);
});

/** Takes the job back to the moment after it was planned. */
async function forgetWork(server: Switchyard, id: string): Promise<void> {
  const folder = join(server.dataFolder, 'work/jobs', id);
  const isKept = (name: string) => /^(job\.json|plan\.json|input.*)$/.test(name);
  const names = (await readdir(folder)).filter((name) => !isKept(name));
  const made = [
    ...names.map((name) => join(folder, name)),
    join(server.dataFolder, 'bucket/outbox'),
  ];
  await Promise.all(made.map((path) => rm(path, { recursive: true, force: true })));
}

async function runWorker(server: Switchyard, id: string, provider: string): Promise<unknown> {
  const worker = spawn(process.execPath, ['gpu-batch/main.ts'], {
    cwd: projectFolder,
    stdio: 'inherit',
    env: {
      ...process.env,
      SWITCHYARD_DATA: server.dataFolder,
      SWITCHYARD_MODELS: fixtureModels,
      SWITCHYARD_JOB: id,
      SWITCHYARD_PROVIDER: provider,
      AWS_BATCH_JOB_ARRAY_INDEX: '0',
      AWS_BATCH_JOB_ATTEMPT: '1',
      ORT_DISABLE_TELEMETRY: '1',
    },
  });
  const [code] = await once(worker, 'exit', { signal: AbortSignal.timeout(240_000) });
  return code;
}

function partsUnder(server: Switchyard, id: string): readonly string[] {
  const folder = join(server.dataFolder, 'work/jobs', id, 'parts');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
