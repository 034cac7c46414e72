import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_WORKER_ATTEMPTS } from '#core/ports/job-queue.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';
import { hasCode } from './contract-expectations.ts';
import { orderCases, tellingCases } from './job-queue-cases.ts';
import {
  briefly,
  endedState,
  filesOf,
  type JobQueueUnderTest,
  logOf,
  submitPlan,
  waitForFile,
} from './job-queue-plans.ts';

/** What every job queue must do; the promises are in shared/core/ports/job-queue.ts. */
export function describeJobQueue(subject: ContractSubject<JobQueueUnderTest>): void {
  describeContract(subject, { ...endingCases, ...tellingCases, ...terminateCases, ...orderCases });
}

const endingCases: Record<string, ContractCase<JobQueueUnderTest>> = {
  async 'runs one worker per array index with the environment of the submission'(subject) {
    await submitPlan(subject, { name: 'array', workers: 3, plan: {} });

    assert.deepEqual(briefly(await endedState(subject.queue, 'array')), { status: 'succeeded' });
    assert.deepEqual(filesOf(subject.folder, 'started'), ['array-0-1', 'array-1-1', 'array-2-1']);
    const text = readFileSync(path.join(subject.folder, 'started-array-2-1'), 'utf8');
    const environment: Record<string, string> = JSON.parse(text);
    assert.equal(environment['AWS_BATCH_JOB_ARRAY_INDEX'], '2');
    assert.equal(environment['AWS_BATCH_JOB_ATTEMPT'], '1');
    assert.ok(environment['AWS_BATCH_JOB_ID']);
    assert.equal(environment['FIXTURE_LABEL'], 'array');
  },

  async 'tries a worker again that exits with 75'(subject) {
    await submitPlan(subject, { name: 'r', workers: 2, plan: { 1: ['exit:75', 'exit:75', 'ok'] } });

    assert.deepEqual(briefly(await endedState(subject.queue, 'r')), { status: 'succeeded' });
    assert.deepEqual(filesOf(subject.folder, 'started'), ['r-0-1', 'r-1-1', 'r-1-2', 'r-1-3']);
  },

  async 'tries a worker again that was killed'(subject) {
    await submitPlan(subject, { name: 'k', workers: 1, plan: { any: ['sigkill', 'succeed'] } });

    assert.deepEqual(briefly(await endedState(subject.queue, 'k')), { status: 'succeeded' });
    assert.deepEqual(filesOf(subject.folder, 'started'), ['k-0-1', 'k-0-2']);
  },

  async 'fails a submission whose worker used up its attempts'(subject) {
    await submitPlan(subject, { name: 'tired', workers: 1, plan: { any: ['exit:75'] } });

    const state = await endedState(subject.queue, 'tired');
    assert.equal(state.status, 'failed');
    assert.equal(state.exitCode, 75);
    assert.equal(filesOf(subject.folder, 'started').length, MAX_WORKER_ATTEMPTS);
  },

  async 'reports no exit code where the last attempt was killed'(subject) {
    await submitPlan(subject, { name: 'killed', workers: 1, plan: { any: ['sigkill'] } });

    const state = await endedState(subject.queue, 'killed');
    assert.equal(state.status, 'failed');
    assert.equal(state.exitCode, undefined);
    assert.match(state.reason, /SIGKILL|Host EC2/);
  },

  async 'fails at once on any other exit code and ends the other workers'(subject) {
    const plan = { 0: ['hold'], 1: ['exit:64'] };
    await submitPlan(subject, { name: 'wrong', workers: 4, plan });

    const state = await endedState(subject.queue, 'wrong');
    assert.equal(state.status, 'failed');
    assert.equal(state.exitCode, 64);
    assert.deepEqual(
      filesOf(subject.folder, 'live').filter((id) => id !== 'wrong-0-1'),
      [],
    );
    assert.deepEqual(
      filesOf(subject.folder, 'started').filter((id) => !/^wrong-[01]-1$/.test(id)),
      [],
    );
  },

  async 'knows nothing of a name that was not submitted'(subject) {
    assert.equal(await subject.queue.describe('never'), undefined);
    await subject.queue.terminate('never', 'test');
  },

  async 'refuses a submission that AWS Batch would refuse'(subject) {
    const invalid = hasCode('invalid_request');
    for (const name of ['', 'a b', '../a', 'x'.repeat(129)]) {
      await assert.rejects(submitPlan(subject, { name, workers: 1, plan: {} }), invalid);
    }
    for (const workers of [0, -1, 1.5, 10_001]) {
      await assert.rejects(submitPlan(subject, { name: 'ok', workers, plan: {} }), invalid);
    }
  },
};

const terminateCases: Record<string, ContractCase<JobQueueUnderTest>> = {
  async 'ends running workers and never starts queued ones when terminated'(subject) {
    const { queue, folder } = subject;
    await submitPlan(subject, { name: 't', workers: 3, plan: { any: ['hold'] } });
    await waitForFile(folder, 'holding-t-0-1');
    await waitForFile(folder, 'holding-t-1-1');

    await queue.terminate('t', 'the user asked');

    // Already gone when terminate resolves, and SIGTERM came before SIGKILL.
    for (const { pid } of logOf(folder)) {
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    }
    assert.deepEqual(filesOf(folder, 'terminated'), ['t-0-1', 't-1-1']);
    const state = await queue.describe('t');
    const expected = { status: 'failed', exitCode: undefined, reason: 'the user asked' };
    assert.deepEqual(briefly(state), expected);
    await submitPlan(subject, { name: 'next', workers: 1, plan: {} });
    await endedState(queue, 'next');
    assert.ok(!existsSync(path.join(folder, 'started-t-2-1')));
  },

  async 'kills a worker that does not end on SIGTERM'(subject) {
    await submitPlan(subject, { name: 'deaf', workers: 1, plan: { any: ['ignore-sigterm'] } });
    await waitForFile(subject.folder, 'holding-deaf-0-1');

    await subject.queue.terminate('deaf', 'test');

    const pid = logOf(subject.folder)[0]?.pid ?? 0;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  },

  async 'terminates a submission that still waits, and only that one'(subject) {
    const { queue, folder } = subject;
    await submitPlan(subject, { name: 'busy', workers: 2, plan: { any: ['hold'] } });
    await submitPlan(subject, { name: 'waits', workers: 2, plan: {} });
    await waitForFile(folder, 'holding-busy-1-1');
    assert.deepEqual(briefly(await queue.describe('waits')), { status: 'queued' });

    await queue.terminate('waits', 'test');

    assert.equal((await queue.describe('waits'))?.status, 'failed');
    assert.deepEqual(briefly(await queue.describe('busy')), { status: 'running' });
    writeFileSync(path.join(folder, 'release'), '');
    assert.deepEqual(briefly(await endedState(queue, 'busy')), { status: 'succeeded' });
    assert.deepEqual(filesOf(folder, 'started'), ['busy-0-1', 'busy-1-1']);
  },

  async 'changes nothing when an ended submission is terminated'(subject) {
    await submitPlan(subject, { name: 'done', workers: 1, plan: {} });
    await endedState(subject.queue, 'done');
    await subject.queue.terminate('done', 'too late');
    assert.deepEqual(briefly(await subject.queue.describe('done')), { status: 'succeeded' });
  },
};
