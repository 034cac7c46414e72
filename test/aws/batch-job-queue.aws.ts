import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createBatchJobQueue } from '#adapters/aws/batch/batch-job-queue.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { hasCode } from '../contract/contract-expectations.ts';
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
import { type BatchStandInOptions, startBatchStandIn } from '../fixtures/aws/batch-stand-in.ts';
import { queueWorkerDefinition } from '../fixtures/aws/queue-worker-definition.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';

async function openBatch(context: TestContext, options: Partial<BatchStandInOptions> = {}) {
  const folder = await temporaryFolder(context);
  const standIn = await startBatchStandIn({
    definitions: { workers: queueWorkerDefinition },
    capacity: { spot: 2 },
    commandOf: ([, ...args]) => ({ executable: process.execPath, args }),
    environment: {},
    stopGraceMillis: 3_000,
    log: () => undefined,
    ...options,
  });
  context.after(() => standIn.close());
  const objectStore = createMemoryObjectStore();
  const open = () => {
    const queue = createBatchJobQueue({
      endpoint: standIn.endpoint,
      jobQueue: 'spot',
      jobDefinition: 'workers',
      queueName: 'gpu-spot',
      objectStore,
      clock: systemClock,
      answerTimeoutMillis: 10_000,
    });
    context.after(() => queue.close());
    return queue;
  };
  return { queue: open(), open, folder, standIn, objectStore };
}

const release = (folder: string) => writeFileSync(path.join(folder, 'release'), '');

describeJobQueue({
  name: 'the Batch job queue',
  open: (context) => openBatch(context),
  skip: [
    {
      case: 'fails at once on any other exit code and ends the other workers',
      reason: 'AWS Batch lets the siblings of a failed child go on',
    },
  ],
});

test('a worker that failed leaves its siblings at work; then the submission has failed', async (t) => {
  const subject = await openBatch(t);
  const plan = { 0: ['hold'], 1: ['exit:64'] };
  await submitPlan(subject, { name: 'wrong', workers: 2, plan });
  await waitForFile(subject.folder, 'holding-wrong-0-1');
  await waitUntil('the failure', async () => {
    const state = await subject.queue.describe('wrong');
    return state?.workers?.[1]?.status === 'FAILED';
  });
  assert.deepEqual(briefly(await subject.queue.describe('wrong')), { status: 'running' });

  release(subject.folder);

  const state = await endedState(subject.queue, 'wrong');
  assert.equal(state.status, 'failed');
  assert.equal(state.exitCode, 64);
});

test('a submission whose answer was lost is found by its name and has one job', async (t) => {
  const subject = await openBatch(t);
  subject.standIn.loseNextAnswer('/v1/submitjob');

  await submitPlan(subject, { name: 'lost', workers: 2, plan: { any: ['hold'] } });
  await submitPlan(subject, { name: 'lost', workers: 2, plan: {} });

  assert.deepEqual(
    subject.standIn.jobs().map(({ jobName }) => jobName),
    ['lost'],
  );
  release(subject.folder);
  assert.deepEqual(briefly(await endedState(subject.queue, 'lost')), { status: 'succeeded' });
});

test('of many submitters of one name at once one submits', async (t) => {
  const subject = await openBatch(t);
  const queues = Array.from({ length: 8 }, () => subject.open());
  await Promise.all(
    queues.map((queue) =>
      submitPlan({ ...subject, queue }, { name: 'race', workers: 3, plan: {} }),
    ),
  );

  assert.equal(subject.standIn.jobs().length, 1);
  assert.deepEqual(briefly(await endedState(subject.open(), 'race')), { status: 'succeeded' });
  assert.equal(filesOf(subject.folder, 'started').length, 3);
});

test('a second job of one name, as after a lost race, is ended', async (t) => {
  const subject = await openBatch(t);
  const key = (name: string) => `work/submissions/batch/gpu-spot/twice/${name}`;
  const put = (name: string, record: unknown) =>
    subject.objectStore.put(key(name), Buffer.from(JSON.stringify(record)));
  // Somebody set out to submit long ago and is taken for dead.
  await put('intent/0001', { atMillis: Date.now() - 61_000 });
  await submitPlan(subject, { name: 'twice', workers: 1, plan: { any: ['hold'] } });
  // Late, the first one submits after all, and dies before it can see that it was late.
  const { BatchClient, SubmitJobCommand } = await import('@aws-sdk/client-batch');
  const late = new BatchClient({ endpoint: subject.standIn.endpoint, region: 'us-east-1' });
  t.after(() => late.destroy());
  const input = { jobName: 'twice', jobQueue: 'spot', jobDefinition: 'workers' };
  await late.send(new SubmitJobCommand(input));
  assert.equal(subject.standIn.jobs().length, 2);

  const state = await subject.queue.describe('twice');

  assert.equal(state?.status === 'queued' || state?.status === 'running', true);
  await waitUntil('the end of the second job', () => {
    const [first, second] = subject.standIn.jobs();
    return first?.status === 'RUNNING' && second?.status === 'FAILED';
  });
});

test('a job that AWS Batch does not know is waited for while it is new, and has failed later', async (t) => {
  const subject = await openBatch(t);
  const put = (name: string, atMillis: number) =>
    subject.objectStore.put(
      `work/submissions/batch/gpu-spot/${name}/job`,
      Buffer.from(JSON.stringify({ jobId: 'gone', epoch: 1, atMillis })),
    );
  await put('new', Date.now());
  await put('old', Date.now() - 8 * 86_400_000);

  assert.deepEqual(briefly(await subject.queue.describe('new')), { status: 'queued' });
  assert.equal((await subject.queue.describe('old'))?.status, 'failed');
  await subject.queue.terminate('old', 'test');
});

test('capacity that never comes leaves a submission queued, and ending it costs nothing', async (t) => {
  const subject = await openBatch(t, { capacity: { spot: 0 } });
  await submitPlan(subject, { name: 'never', workers: 2, plan: {} });
  const state = await subject.queue.describe('never');
  assert.equal(state?.status, 'queued');
  assert.deepEqual(
    state.workers?.map(({ status }) => status),
    ['RUNNABLE', 'RUNNABLE'],
  );

  await subject.queue.terminate('never', 'the fleet was faster');

  assert.equal((await subject.queue.describe('never'))?.status, 'failed');
  assert.equal(subject.standIn.instanceSeconds(), 0);
});

test('every worker of an array is described, however many there are', async (t) => {
  const subject = await openBatch(t, { capacity: { spot: 0 } });
  await submitPlan(subject, { name: 'many', workers: 250, plan: {} });

  const { workers = [] } = (await subject.queue.describe('many')) ?? {};

  assert.deepEqual(
    workers.map(({ arrayIndex, status }) => [arrayIndex, status]),
    Array.from({ length: 250 }, (_, index) => [index, 'RUNNABLE']),
  );
});

test('an instance that is taken away is another try of that worker alone', async (t) => {
  const events: string[] = [];
  const subject = await openBatch(t, {
    onEvent: ({ jobName, status, arrayProperties }) => {
      if (arrayProperties?.index === undefined) events.push(`${jobName} ${status}`);
    },
  });
  await submitPlan(subject, { name: 'spot', workers: 2, plan: { any: ['hold'] } });
  await waitForFile(subject.folder, 'holding-spot-0-1');
  await waitForFile(subject.folder, 'holding-spot-1-1');

  subject.standIn.running()[1]?.lose();
  await waitForFile(subject.folder, 'holding-spot-1-2');
  release(subject.folder);

  const state = await endedState(subject.queue, 'spot');
  assert.equal(state.status, 'succeeded');
  assert.match(state.workers?.[1]?.attempts[0]?.statusReason ?? '', /^Host EC2 \(instance i-/);
  assert.deepEqual(events, ['spot PENDING', 'spot SUCCEEDED']);
  assert.ok(subject.standIn.instanceSeconds() > 0);
});

test('what AWS Batch would refuse for its size is refused before it is asked', async (t) => {
  const { queue, standIn } = await openBatch(t);
  const submission = { name: 'large', workers: 1 };
  const large = { SWITCHYARD_JOB: 'x'.repeat(8_192) };
  await assert.rejects(
    queue.submit({ ...submission, environment: large }),
    hasCode('invalid_request'),
  );
  const reserved = { AWS_BATCH_JOB_ARRAY_INDEX: '0' };
  await assert.rejects(
    queue.submit({ ...submission, environment: reserved }),
    hasCode('invalid_request'),
  );
  assert.equal(standIn.jobs().length, 0);
});

test('a queue or a definition that is not there is a mistake in the settings', async (t) => {
  const subject = await openBatch(t, { definitions: {} });
  await assert.rejects(
    submitPlan(subject, { name: 'x', workers: 1, plan: {} }),
    hasCode('invalid_setting'),
  );
});
