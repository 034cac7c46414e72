import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_IDLE_SUBMISSIONS, MAX_LOST_SUBMISSIONS } from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { hostTerminated, NEVER_STARTED } from '#core/jobs/retry-rules.ts';
import type { JobQueue, SubmissionState } from '#core/ports/job-queue.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { rowsOf, serviceOf, submitRows, tenant, viewOf } from '../../fixtures/life/settle.ts';

type Failure = Extract<SubmissionState, { readonly status: 'failed' }>;

const lost: Failure = {
  status: 'failed',
  exitCode: undefined,
  reason: `worker 0, attempt 10 of 10, was ended by SIGKILL (${hostTerminated('i-0')})`,
};
const drained: Failure = { status: 'failed', exitCode: 75, reason: 'exited with 75' };
const crashed: Failure = { status: 'failed', exitCode: 1, reason: 'exited with 1' };

/** A queue whose every submission ends at once in the next of these ways, and nothing was done. */
function failingQueue(endOf: (ordinal: number) => Failure) {
  const ends = new Map<string, Failure>();
  const queue: JobQueue = {
    submit: async ({ name }) => {
      ends.set(name, endOf(ends.size));
    },
    describe: async (name) => ends.get(name),
    terminate: async () => {},
  };
  return { queue, ends };
}

async function submissionsUntilFailed(endOf: (ordinal: number) => Failure) {
  const { queue, ends } = failingQueue(endOf);
  const deployment = startMemoryDeployment({ wrapQueue: () => queue });
  const { id } = await submitRows(deployment, rowsOf(3));
  for (let round = 0; round < 100; round += 1) {
    if ((await reconcileJob(deployment.ports, id)) === 'failed') break;
  }
  return { submissions: ends.size, error: (await viewOf(deployment, id)).error };
}

test('five submissions that were lost with their hosts do not fail a job, thirty do, and say so', async () => {
  const { submissions, error } = await submissionsUntilFailed((ordinal) =>
    ordinal % 2 === 0 ? lost : drained,
  );

  assert.equal(submissions, MAX_LOST_SUBMISSIONS);
  assert.equal(error?.code, 'worker_failed');
  assert.match(error.detail, /30 times.*lost with their hosts.*Resume/);
});

test('waiting in vain for a function or an instance is no fault of the workers', async () => {
  const reasons = [
    `worker 0, attempt 0: ${NEVER_STARTED}`,
    'Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
  ];
  for (const reason of reasons) {
    const waiting: Failure = { status: 'failed', exitCode: undefined, reason };
    const { submissions, error } = await submissionsUntilFailed(() => waiting);

    assert.equal(submissions, MAX_LOST_SUBMISSIONS);
    assert.match(error?.detail ?? '', /Resume the job when there is more of it/);
  }
  const wrong =
    'Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT';
  const { submissions } = await submissionsUntilFailed(() => ({
    ...crashed,
    exitCode: undefined,
    reason: wrong,
  }));
  assert.equal(submissions, MAX_IDLE_SUBMISSIONS);
});

test('submissions that fail by their own doing are counted alone, whatever else is lost between', async () => {
  const { submissions, error } = await submissionsUntilFailed((ordinal) =>
    ordinal % 3 === 0 ? crashed : lost,
  );

  assert.equal(submissions, 3 * (MAX_IDLE_SUBMISSIONS - 1) + 1);
  assert.match(
    error?.detail ?? '',
    /5 times the workers ended without committing anything.*exited with 1/,
  );
});

test('a submission that races a cancel starts no worker', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { id } = await submitRows(deployment, rowsOf(3));
  const { objectStore } = deployment.ports;
  const cancellingStore = {
    ...objectStore,
    // The wish comes after the look at it, right before the queue is asked.
    async putIfAbsent(key: string, body: Uint8Array) {
      if (key === jobKeys.submission(id, 1))
        await serviceOf(deployment).cancel({ tenant, jobId: id });
      return await objectStore.putIfAbsent(key, body);
    },
  };

  await reconcileJob({ ...deployment.ports, objectStore: cancellingStore }, id);

  assert.deepEqual(deployment.queue.accepted, []);
  assert.equal(await reconcileJob(deployment.ports, id), 'ended');
  assert.equal((await viewOf(deployment, id)).status, 'cancelled');
});
