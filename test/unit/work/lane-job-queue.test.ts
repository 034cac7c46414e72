import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobQueue, SubmissionState, WorkerSubmission } from '#core/ports/job-queue.ts';
import { createLaneJobQueue } from '#work/reconcile/lane-job-queue.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

/** A queue that keeps what it was told and says what the test sets. */
class SpokenQueue implements JobQueue {
  readonly submitted: WorkerSubmission[] = [];
  readonly terminated: string[] = [];
  state: SubmissionState | undefined;
  refuses = false;

  async submit(submission: WorkerSubmission): Promise<void> {
    if (this.refuses) throw new Error('this lane takes nothing');
    this.submitted.push(submission);
    this.state ??= { status: 'queued' };
  }

  async describe(): Promise<SubmissionState | undefined> {
    return this.state;
  }

  async terminate(name: string): Promise<void> {
    this.terminated.push(name);
  }
}

function open() {
  const lanes = {
    'cpu-fleet': new SpokenQueue(),
    'gpu-spot': new SpokenQueue(),
    'gpu-on-demand': new SpokenQueue(),
  };
  return {
    lanes,
    queue: createLaneJobQueue({ objectStore: createMemoryObjectStore(), queues: lanes }),
  };
}

const mixed: WorkerSubmission = {
  name: 'mixed',
  workers: 5,
  environment: { SWITCHYARD_JOB: 'job' },
  pools: [
    { lane: 'cpu-fleet', workers: 3 },
    { lane: 'gpu-spot', workers: 2 },
  ],
};

test('workers of all lanes are numbered through and know where they run', async () => {
  const { queue, lanes } = open();

  await queue.submit(mixed);

  const [fleet] = lanes['cpu-fleet'].submitted;
  assert.deepEqual(
    [fleet?.workers, fleet?.environment],
    [3, { SWITCHYARD_JOB: 'job', SWITCHYARD_ARRAY_OFFSET: '0', SWITCHYARD_LANE: 'cpu-fleet' }],
  );
  const [spot] = lanes['gpu-spot'].submitted;
  assert.deepEqual([spot?.workers, spot?.environment['SWITCHYARD_ARRAY_OFFSET']], [2, '3']);
  const worker = (arrayIndex: number) => ({
    ...{ arrayIndex, status: 'RUNNING' as const, statusReason: undefined, attempts: [] },
  });
  lanes['cpu-fleet'].state = { status: 'running', workers: [0, 1, 2].map(worker) };
  lanes['gpu-spot'].state = { status: 'running', workers: [0, 1].map(worker) };
  const state = await queue.describe('mixed');
  assert.deepEqual(
    state?.workers?.map(({ arrayIndex }) => arrayIndex),
    [0, 1, 2, 3, 4],
  );
});

test('a submission without pools runs in the fleet, one of the inline lane too', async () => {
  const { queue, lanes } = open();
  await queue.submit({ name: 'plain', workers: 1, environment: {} });
  const pools = [{ lane: 'cpu' as const, workers: 1 }];
  await queue.submit({ name: 'inline', workers: 1, environment: {}, pools });

  assert.equal(lanes['cpu-fleet'].submitted.length, 2);
});

test('it lives while one lane lives, and fails or succeeds when all have ended', async () => {
  const { queue, lanes } = open();
  await queue.submit(mixed);
  const failed = { status: 'failed', exitCode: 64, reason: 'refused' } as const;
  const states = { queued: { status: 'queued' }, running: { status: 'running' } } as const;
  const ended = { succeeded: { status: 'succeeded' }, failed } as const;
  const all = { ...states, ...ended };
  const expected = {
    'queued queued': 'queued',
    'queued running': 'running',
    'queued succeeded': 'running',
    'running failed': 'running',
    'succeeded succeeded': 'succeeded',
    'succeeded failed': 'failed',
    'failed failed': 'failed',
  };
  for (const [pair, status] of Object.entries(expected)) {
    const [one = 'queued', other = 'queued'] = pair.split(' ') as (keyof typeof all)[];
    for (const [fleet, spot] of [
      [one, other],
      [other, one],
    ] as const) {
      lanes['cpu-fleet'].state = all[fleet];
      lanes['gpu-spot'].state = all[spot];
      assert.equal((await queue.describe('mixed'))?.status, status, `${fleet} ${spot}`);
    }
  }
});

test('a lane that takes nothing keeps no other from working, and gets its share when they are done', async () => {
  const { queue, lanes } = open();
  lanes['gpu-spot'].refuses = true;

  await queue.submit(mixed);

  lanes['cpu-fleet'].state = { status: 'running' };
  assert.equal((await queue.describe('mixed'))?.status, 'running');
  lanes['cpu-fleet'].state = { status: 'succeeded' };
  assert.equal(await queue.describe('mixed'), undefined);
  lanes['gpu-spot'].refuses = false;
  await queue.submit(mixed);
  assert.equal(lanes['gpu-spot'].submitted.length, 1);
});

test('a submission that no lane takes is refused', async () => {
  const { queue, lanes } = open();
  for (const lane of Object.values(lanes)) lane.refuses = true;

  await assert.rejects(queue.submit(mixed), /takes nothing/);
});

test('terminate reaches every lane of the submission and no other', async () => {
  const { queue, lanes } = open();
  await queue.submit(mixed);

  await queue.terminate('mixed', 'test');
  await queue.terminate('unknown', 'test');

  assert.deepEqual(lanes['cpu-fleet'].terminated, ['mixed']);
  assert.deepEqual(lanes['gpu-spot'].terminated, ['mixed']);
  assert.deepEqual(lanes['gpu-on-demand'].terminated, []);
});
