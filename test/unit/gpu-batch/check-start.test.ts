import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { driverProblem, gpuHealthFields, parseGpuHealth } from '#core/gpu/gpu-health.ts';
import type { Clock } from '#core/ports/clock.ts';
import { checkStart, watchGpuHealth } from '../../../gpu-batch/check-start.ts';
import { readGpuHealth } from '../../../gpu-batch/read-gpu-health.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

const t4 = '0, Tesla T4, 580.178.04, 15360, 2048, 37, 41\n';
const health = parseGpuHealth(t4);

test('the health of each GPU is read, and what it does not measure is null', () => {
  assert.deepEqual(health, [
    {
      index: 0,
      name: 'Tesla T4',
      driver: '580.178.04',
      memoryTotalMib: 15_360,
      memoryUsedMib: 2_048,
      utilizationPercent: 37,
      temperatureCelsius: 41,
    },
  ]);
  const two = parseGpuHealth(`${t4}1, NVIDIA L4, 580.178.04, 23034, [N/A], [Not Supported], 50\n`);
  assert.deepEqual(
    two?.map((gpu) => [gpu.memoryUsedMib, gpu.utilizationPercent]),
    [
      [2_048, 37],
      [null, null],
    ],
  );
});

test('what is not the answer of the tool is nothing known, not half of it', () => {
  for (const text of ['', 'No devices were found\n', `${t4}Unable to determine\n`, '0, a, b\n']) {
    assert.equal(parseGpuHealth(text), null, JSON.stringify(text));
  }
});

/** A program in place of the driver's tool. */
async function tool(t: TestContext, script: string): Promise<string> {
  const file = join(await temporaryFolder(t), 'tool');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test('the tool is asked for the fields in their order; absent or failing it is null', async (t) => {
  // The stand-in answers only to the right question.
  const question = `--query-gpu=${gpuHealthFields.join(',')} --format=csv,noheader,nounits`;
  const honest = await tool(t, `[ "$*" = "${question}" ] && printf '%s' '${t4.trim()}'`);
  assert.deepEqual(await readGpuHealth(honest), health);
  assert.equal(await readGpuHealth(await tool(t, 'echo broken; exit 9')), null);
  assert.equal(await readGpuHealth('/nowhere/nvidia-smi'), null);
});

function check(provider: 'cpu' | 'cuda' | 'webgpu', gpus: typeof health) {
  const lines: unknown[] = [];
  const asked = { times: 0 };
  const result = checkStart({
    provider,
    readHealth: async () => {
      asked.times += 1;
      return gpus;
    },
    log: (event, fields) => lines.push({ event, ...fields }),
  });
  return { result, lines, asked };
}

test('a worker with a GPU provider logs its GPUs, or that nothing is known of them', async () => {
  const known = check('cuda', health);
  assert.deepEqual(await known.result, health);
  assert.deepEqual(known.lines, [{ event: 'start_check', provider: 'cuda', gpus: health }]);
  const unknown = check('cuda', null);
  assert.equal(await unknown.result, null);
  assert.deepEqual(unknown.lines, [{ event: 'start_check', provider: 'cuda', gpus: null }]);
  const cpu = check('cpu', health);
  assert.equal(await cpu.result, null);
  assert.deepEqual([cpu.asked.times, cpu.lines], [0, []]);
});

test('a driver that is too old for CUDA 13 is refused with the remedy, before a row is touched', async () => {
  const old = parseGpuHealth(t4.replace('580.178.04', '535.183.01'));
  const refused = check('cuda', old);
  await assert.rejects(refused.result, {
    code: 'provider_unavailable',
    detail: /535\.183\.01 of Tesla T4 is older than 580.*ECS_AL2023_NVIDIA/,
  });
  assert.equal(refused.lines.length, 1, 'the log shows the GPUs all the same');
  await check('webgpu', old).result;
  assert.equal(driverProblem(null), undefined);
});

test('the GPUs are logged once a minute until the worker ends', async () => {
  const stop = new AbortController();
  const slept: number[] = [];
  const clock: Pick<Clock, 'sleep'> = {
    async sleep(millis) {
      slept.push(millis);
      if (slept.length === 3) stop.abort();
    },
  };
  const lines: unknown[] = [];
  await watchGpuHealth({
    provider: 'cuda',
    readHealth: async () => health,
    log: (event, fields) => lines.push({ event, ...fields }),
    clock: clock as Clock,
    stop: stop.signal,
  });
  assert.deepEqual(slept, [60_000, 60_000, 60_000]);
  assert.deepEqual(lines, Array(2).fill({ event: 'gpu_health', gpus: health }));
});
