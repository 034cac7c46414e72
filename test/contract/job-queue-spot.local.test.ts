import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { createProcessJobQueue } from '#adapters/local/process-job-queue.ts';
import type {
  EndedAttempt,
  ProcessJobQueueOptions,
} from '#adapters/local/process-queue-options.ts';
import { briefly, endedState, submitPlan, waitForFile } from './job-queue-plans.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

// What the local queue does beyond its port: it loses instances as a spot market does.

async function openQueue(context: TestContext, options: Partial<ProcessJobQueueOptions> = {}) {
  const folder = await temporaryFolder(context);
  const attempts: EndedAttempt[] = [];
  const worker = path.join(import.meta.dirname, '../fixtures/queue/worker.ts');
  const queue = createProcessJobQueue({
    command: { executable: process.execPath, args: [worker] },
    environment: {},
    maxProcesses: 3,
    graceMillis: 1000,
    log: () => undefined,
    onAttemptEnded: (attempt) => attempts.push(attempt),
    ...options,
  });
  context.after(() => queue.close());
  const release = () => writeFileSync(path.join(folder, 'release'), '');
  return { queue, folder, attempts, release };
}

async function statuses({ queue }: Awaited<ReturnType<typeof openQueue>>, name: string) {
  return (await queue.describe(name))?.workers?.map(({ status }) => status);
}

test('a worker whose instance is reclaimed gets SIGTERM, then SIGKILL, then another try', async (t) => {
  const subject = await openQueue(t);
  const { queue, folder, attempts, release } = subject;
  const plan = { 0: ['ignore-sigterm', 'succeed'], 1: ['hold'] };
  await submitPlan(subject, { name: 's', workers: 2, plan });
  await waitForFile(folder, 'holding-s-0-1');
  await waitForFile(folder, 'holding-s-1-1');
  const [first] = queue.running();
  assert.ok(first !== undefined);

  queue.reclaim(first, 200);
  assert.deepEqual(
    queue.running().map(({ arrayIndex }) => arrayIndex),
    [1],
  );
  await waitUntil('the first try ends', () => attempts.length > 0);

  assert.deepEqual(attempts[0], {
    ...first,
    exitCode: undefined,
    statusReason: `Host EC2 (instance ${first.instanceId}) terminated.`,
    reason: undefined,
    next: 'retry',
  });
  release();
  assert.deepEqual(briefly(await endedState(queue, 's')), { status: 'succeeded' });
  assert.ok(readdirSync(folder).includes('started-s-0-2'));
});

test('a terminate is not held up by a reclaim that gave more time', async (t) => {
  const subject = await openQueue(t, { graceMillis: 100 });
  await submitPlan(subject, { name: 'deaf', workers: 1, plan: { any: ['ignore-sigterm'] } });
  await waitForFile(subject.folder, 'holding-deaf-0-1');
  for (const worker of subject.queue.running()) subject.queue.reclaim(worker, 120_000);

  const start = performance.now();
  await subject.queue.terminate('deaf', 'test');

  assert.ok(performance.now() - start < 60_000, 'not the two minutes of the reclaim');
});

test('a worker that the queue stops itself is not told as a lost host', async (t) => {
  const subject = await openQueue(t, { graceMillis: 100 });
  await submitPlan(subject, { name: 'stop', workers: 1, plan: { any: ['ignore-sigterm'] } });
  await waitForFile(subject.folder, 'holding-stop-0-1');

  await subject.queue.terminate('stop', 'the user asked');

  const [ended] = subject.attempts;
  assert.equal(ended?.exitCode, 137);
  assert.equal(ended?.statusReason, 'Essential container in task exited');
  assert.equal(ended?.next, 'stopped');
});

test('capacity that falls reclaims the youngest, and zero leaves the rest RUNNABLE', async (t) => {
  const subject = await openQueue(t);
  const { queue, folder, attempts, release } = subject;
  await submitPlan(subject, { name: 'c', workers: 3, plan: { any: ['hold'] } });
  for (const index of [0, 1, 2]) await waitForFile(folder, `holding-c-${index}-1`);

  const lost = queue.setCapacity(1, 0);
  assert.deepEqual(
    lost.map(({ arrayIndex }) => arrayIndex),
    [1, 2],
  );
  await waitUntil('two tries end', () => attempts.length === 2);
  assert.deepEqual(await statuses(subject, 'c'), ['RUNNING', 'RUNNABLE', 'RUNNABLE']);
  queue.setCapacity(0, 0);
  await waitUntil('the third one ends', () => attempts.length === 3);
  assert.deepEqual(await statuses(subject, 'c'), ['RUNNABLE', 'RUNNABLE', 'RUNNABLE']);
  assert.equal((await queue.describe('c'))?.status, 'running');

  release();
  queue.setCapacity(2, 0);
  assert.deepEqual(briefly(await endedState(queue, 'c')), { status: 'succeeded' });
  assert.ok(attempts.filter(({ next }) => next === 'retry').length === 3);
});

test('capacity that never comes cancels the submission after the state time limit', async (t) => {
  const reason = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
  const ended: string[] = [];
  const subject = await openQueue(t, {
    stateTimeLimit: { runnableMillis: 300, reason },
    onEnded: (name) => ended.push(name),
  });
  subject.queue.setCapacity(0, 0);
  await submitPlan(subject, { name: 'never', workers: 2, plan: {} });
  assert.deepEqual(await statuses(subject, 'never'), ['RUNNABLE', 'RUNNABLE']);

  const state = await endedState(subject.queue, 'never');

  const told = `Canceled by JobStateTimeLimit action due to reason: ${reason}`;
  assert.deepEqual(briefly(state), { status: 'failed', exitCode: undefined, reason: told });
  assert.deepEqual(
    state.workers?.map(({ status, statusReason }) => [status, statusReason]),
    Array.from({ length: 2 }, () => ['FAILED', told]),
  );
  assert.deepEqual(ended, ['never']);
  assert.ok(!readdirSync(subject.folder).some((name) => name.startsWith('started')));
});

test('capacity that comes late, within the limit, cancels nothing', async (t) => {
  const stateTimeLimit = { runnableMillis: 15_000, reason: 'CAPACITY:x' };
  const subject = await openQueue(t, { stateTimeLimit, runnableWaitMillis: 300, maxProcesses: 1 });
  const start = performance.now();
  await submitPlan(subject, { name: 'late', workers: 2, plan: {} });
  assert.deepEqual(await statuses(subject, 'late'), ['RUNNABLE', 'RUNNABLE']);

  assert.deepEqual(briefly(await endedState(subject.queue, 'late')), { status: 'succeeded' });
  assert.ok(performance.now() - start >= 300);
});

test('rules of its own decide what is tried again', async (t) => {
  const retryRules = [
    { onExitCode: '7', action: 'RETRY' as const },
    { onReason: '*', action: 'EXIT' as const },
  ];
  const subject = await openQueue(t, { retryRules, attempts: 3 });
  await submitPlan(subject, { name: 'x', workers: 1, plan: { any: ['exit:7', 'exit:75'] } });

  const state = await endedState(subject.queue, 'x');

  assert.equal(state.status, 'failed');
  assert.deepEqual(
    state.workers?.[0]?.attempts.map(({ exitCode }) => exitCode),
    [7, 75],
  );
});

test('an outage of spot takes no on-demand worker; each is told its lane', async (t) => {
  const subject = await openQueue(t);
  const { queue, folder, release } = subject;
  const lane = (name: string, lanes: 'gpu-spot' | 'gpu-on-demand') =>
    submitPlan(subject, {
      ...{ name, workers: 1, plan: { any: ['hold'] } },
      pools: [{ lane: lanes, workers: 1 }],
    });
  await lane('spot', 'gpu-spot');
  await lane('demand', 'gpu-on-demand');
  await waitForFile(folder, 'holding-spot-0-1');
  await waitForFile(folder, 'holding-demand-0-1');

  const lost = queue.setCapacity(0, 0);

  assert.deepEqual(
    lost.map(({ name }) => name),
    ['spot'],
  );
  await lane('later', 'gpu-on-demand');
  await waitForFile(folder, 'holding-later-0-1');
  assert.deepEqual(await statuses(subject, 'demand'), ['RUNNING']);
  const told = JSON.parse(readFileSync(path.join(folder, 'started-demand-0-1'), 'utf8'));
  assert.equal(told.SWITCHYARD_LANE, 'gpu-on-demand');
  release();
  assert.deepEqual(briefly(await endedState(queue, 'demand')), { status: 'succeeded' });
  assert.deepEqual(await statuses(subject, 'spot'), ['RUNNABLE']);
});

test('beside instances that are waited for, a fleet starts at once', async (t) => {
  const subject = await openQueue(t, { runnableWaitMillis: 3_600_000 });
  await submitPlan(subject, {
    ...{ name: 'mix', workers: 2, plan: { any: ['hold'] } },
    pools: [
      { lane: 'gpu-on-demand', workers: 1 },
      { lane: 'cpu-fleet', workers: 1 },
    ],
  });

  await waitForFile(subject.folder, 'holding-mix-1-1');

  assert.deepEqual(await statuses(subject, 'mix'), ['RUNNABLE', 'RUNNING']);
  const env = JSON.parse(readFileSync(path.join(subject.folder, 'started-mix-1-1'), 'utf8'));
  assert.equal(env.SWITCHYARD_LANE, 'cpu-fleet');
});
