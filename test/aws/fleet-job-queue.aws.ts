import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fleetKeys } from '#core/fleet/fleet-records.ts';
import { describeJobQueue } from '../contract/job-queue.contract.ts';
import {
  briefly,
  endedState,
  filesOf,
  submitPlan,
  waitForFile,
} from '../contract/job-queue-plans.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { waitUntil } from '../contract/wait-until.ts';
import { openFleet, type TestFleetOptions } from '../fixtures/aws/open-fleet.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';

const entry = path.join(import.meta.dirname, '../fixtures/queue/worker.ts');

async function open(context: TestContext, options: Partial<TestFleetOptions> = {}) {
  const folder = await temporaryFolder(context);
  const objectStore = createMemoryObjectStore();
  const fleet = openFleet(context, { objectStore, concurrency: 2, entry, ...options });
  return { ...fleet, folder, objectStore };
}

const asBatch = 'the siblings of a failed worker go on, as in AWS Batch';

describeJobQueue({
  name: 'the fleet job queue',
  open: (context) => open(context),
  skip: [
    { case: 'fails at once on any other exit code and ends the other workers', reason: asBatch },
    {
      case: 'tells of each worker how its attempts ended',
      reason: 'a call of a function has no host that could be lost; its reasons are its own',
    },
  ],
});

test('a worker whose call runs out of time leaves, and its successor goes on', async (t) => {
  // Long enough for a worker to start and end on a busy machine.
  const subject = await open(t, { callMillis: 5_000 });
  // The first one does not even leave when asked, so that its call has to end it.
  await submitPlan(subject, {
    name: 'long',
    workers: 1,
    plan: { 0: ['ignore-sigterm', 'exit:75', 'ok'] },
  });

  assert.deepEqual(briefly(await endedState(subject.queue, 'long')), { status: 'succeeded' });
  assert.deepEqual(filesOf(subject.folder, 'started'), ['long-0-1', 'long-0-2', 'long-0-3']);
  assert.deepEqual(subject.outcomes, ['long 0 continued', 'long 0 continued', 'long 0 succeeded']);
});

test('a call that is delivered twice, at once or later, is one worker', async (t) => {
  const subject = await open(t, { concurrency: 4 });
  await submitPlan(subject, { name: 'twice', workers: 1, plan: { any: ['hold'] } });
  await waitForFile(subject.folder, 'holding-twice-0-1');
  const call = { submission: 'twice', arrayIndex: 0, attempt: 1, environment: {} };
  await subject.invoker.start('fleet', call);
  await waitUntil('the second call', () => subject.outcomes.length === 1);
  writeFileSync(path.join(subject.folder, 'release'), '');
  await endedState(subject.queue, 'twice');
  await subject.invoker.call('fleet', call);

  assert.deepEqual(subject.outcomes, [
    'twice 0 duplicate',
    'twice 0 succeeded',
    'twice 0 duplicate',
  ]);
  assert.deepEqual(filesOf(subject.folder, 'started'), ['twice-0-1']);
});

test('a repeated call of a try that fell silent takes it over', async (t) => {
  const subject = await open(t);
  const place = { submission: 'silent', arrayIndex: 0, attempt: 1 };
  const put = (key: string, value: unknown) =>
    subject.objectStore.put(key, Buffer.from(JSON.stringify(value)));
  await put(fleetKeys.intent('silent'), { workers: 1, atMillis: Date.now() - 120_000 });
  await put(fleetKeys.worker(place, 'started'), { atMillis: Date.now() - 100_000 });
  const lost = await subject.queue.describe('silent');
  assert.deepEqual(
    lost?.workers?.map(({ status, statusReason }) => [status, statusReason]),
    [['FAILED', 'the worker fell silent: its function was ended']],
  );
  assert.equal(lost.status, 'failed');

  const environment = { FIXTURE_FOLDER: subject.folder, FIXTURE_LABEL: 'silent' };
  await subject.invoker.call('fleet', { ...place, environment });

  assert.deepEqual(subject.outcomes, ['silent 0 succeeded']);
  assert.deepEqual(filesOf(subject.folder, 'started'), ['silent-0-2']);
  assert.equal((await subject.queue.describe('silent'))?.status, 'succeeded');
});

test('a submission whose submitter died is submitted again, and no worker starts twice', async (t) => {
  const subject = await open(t);
  await submitPlan(subject, { name: 'again', workers: 2, plan: { any: ['hold'] } });
  await waitForFile(subject.folder, 'holding-again-0-1');
  await waitForFile(subject.folder, 'holding-again-1-1');
  // As if it had died after the calls, before it could say so.
  await subject.objectStore.delete(fleetKeys.submitted('again'));

  await submitPlan(subject, { name: 'again', workers: 2, plan: { any: ['hold'] } });

  writeFileSync(path.join(subject.folder, 'release'), '');
  assert.deepEqual(briefly(await endedState(subject.queue, 'again')), { status: 'succeeded' });
  assert.deepEqual(filesOf(subject.folder, 'started'), ['again-0-1', 'again-1-1']);
});

test('a worker tells the finisher of its job when it came to its end', async (t) => {
  const told: unknown[] = [];
  const finish = async (payload: unknown) => void told.push(payload);
  const subject = await open(t, { functions: { finish }, finishFunction: 'finish' });
  const jobId = `job_${'0'.repeat(26)}`;
  const plan = { 0: ['exit:75', 'ok'] };
  await submitPlan(subject, { name: `${jobId}-1`, workers: 1, plan });
  await endedState(subject.queue, `${jobId}-1`);

  await waitUntil('the finisher', () => told.length > 0);
  assert.deepEqual(told, [{ jobId }]);
});

test('settings of a submission cannot reach into the runtime of the function', async (t) => {
  const { invoker } = await open(t);
  for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'AWS_SECRET_ACCESS_KEY', 'lower']) {
    const call = { submission: 'x', arrayIndex: 0, attempt: 1, environment: { [name]: 'y' } };
    await assert.rejects(invoker.call('fleet', call));
  }
});
