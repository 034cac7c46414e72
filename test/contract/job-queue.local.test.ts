import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { createProcessJobQueue, type ProcessJobQueue } from '#adapters/local/process-job-queue.ts';
import type { ProcessJobQueueOptions } from '#adapters/local/process-queue-options.ts';
import type { SubmissionState } from '#core/ports/job-queue.ts';
import { hasCode } from './contract-expectations.ts';
import { describeJobQueue } from './job-queue.contract.ts';
import { endedState, submitPlan, waitForFile } from './job-queue-plans.ts';
import { temporaryFolder } from './temporary-folder.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/queue');

async function openQueue(
  context: TestContext,
  options: Partial<ProcessJobQueueOptions> = {},
): Promise<{ readonly queue: ProcessJobQueue; readonly folder: string }> {
  const folder = await temporaryFolder(context);
  const queue = createProcessJobQueue({
    command: { executable: process.execPath, args: [path.join(fixtures, 'worker.ts')] },
    environment: { FROM_QUEUE: 'yes' },
    maxProcesses: 2,
    graceMillis: 1000,
    log: () => undefined,
    ...options,
  });
  context.after(() => queue.close());
  return { queue, folder };
}

// Long enough for a worker to hear its SIGTERM on a busy machine.
describeJobQueue({
  name: 'the process job queue',
  open: (context) => openQueue(context, { graceMillis: 3_000 }),
});

test('the process job queue gives workers its own environment and nothing inherited', async (t) => {
  process.env['SWITCHYARD_TEST_INHERITED'] = 'must not arrive';
  const subject = await openQueue(t);
  await submitPlan(subject, { name: 'env', workers: 1, plan: {} });
  await endedState(subject.queue, 'env');

  const text = readFileSync(path.join(subject.folder, 'started-env-0-1'), 'utf8');
  const environment: Record<string, string> = JSON.parse(text);
  assert.equal(environment['FROM_QUEUE'], 'yes');
  assert.equal(environment['SWITCHYARD_TEST_INHERITED'], undefined);
});

test('the process job queue tells once what became of a submission and what it wrote', async (t) => {
  const ended: [string, SubmissionState['status']][] = [];
  const lines: string[] = [];
  const subject = await openQueue(t, {
    onEnded: (name, state) => ended.push([name, state.status]),
    log: (line, { name, arrayIndex, attempt }) => {
      lines.push(`${name} ${arrayIndex} ${attempt} ${line}`);
    },
  });
  await submitPlan(subject, { name: 'a', workers: 2, plan: {} });
  await endedState(subject.queue, 'a');

  assert.deepEqual(ended, [['a', 'succeeded']]);
  assert.deepEqual(lines.sort(), [
    'a 0 1 worker a-0-1 did its work',
    'a 1 1 worker a-1-1 did its work',
  ]);
});

test('the process job queue fails a submission whose program is not there', async (t) => {
  const command = { executable: '/nowhere/node', args: [] };
  const subject = await openQueue(t, { command });
  await submitPlan(subject, { name: 'absent', workers: 3, plan: {} });

  const state = await endedState(subject.queue, 'absent');
  assert.equal(state.status, 'failed');
  assert.match(state.reason, /could not be started.*ENOENT/);
});

test('close ends every worker within the grace and refuses further work', async (t) => {
  const { queue, folder } = await openQueue(t);
  const subject = { queue, folder };
  await submitPlan(subject, { name: 'deaf', workers: 2, plan: { any: ['ignore-sigterm'] } });
  await submitPlan(subject, { name: 'waits', workers: 2, plan: {} });
  await waitForFile(folder, 'holding-deaf-0-1');
  await waitForFile(folder, 'holding-deaf-1-1');

  await queue.close();

  for (const name of ['deaf', 'waits']) {
    assert.equal((await queue.describe(name))?.status, 'failed');
  }
  for (const line of readFileSync(path.join(folder, 'log'), 'utf8').trimEnd().split('\n')) {
    const { pid } = JSON.parse(line);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  }
  await assert.rejects(
    submitPlan(subject, { name: 'z', workers: 1, plan: {} }),
    hasCode('not_ready'),
  );
});

test('a worker notices that the server was killed', async (t) => {
  const folder = await temporaryFolder(t);
  const server = spawn(process.execPath, [path.join(fixtures, 'server.ts'), folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  t.after(() => server.kill('SIGKILL'));
  await waitForFile(folder, 'holding-orphan-0-1');
  const ended = once(server, 'exit');

  server.kill('SIGKILL');

  assert.deepEqual(await ended, [null, 'SIGKILL']);
  await waitForFile(folder, 'disconnected-orphan-0-1');
});

test('the process job queue refuses limits that make no sense', () => {
  const command = { executable: process.execPath, args: [] };
  const sane = { command, environment: {}, maxProcesses: 1 };
  for (const wrong of [
    { maxProcesses: 0 },
    { attempts: 11 },
    { attempts: 0 },
    { graceMillis: -1 },
    { runnableWaitMillis: Number.NaN },
    { retryRules: [{ action: 'RETRY' as const }] },
  ]) {
    assert.throws(() => createProcessJobQueue({ ...sane, ...wrong }), hasCode('invalid_setting'));
  }
});
