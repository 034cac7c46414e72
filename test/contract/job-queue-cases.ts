import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ContractCase } from './contract-case.ts';
import {
  briefly,
  endedState,
  filesOf,
  type JobQueueUnderTest,
  logOf,
  submitPlan,
  waitForFile,
} from './job-queue-plans.ts';

export const tellingCases: Record<string, ContractCase<JobQueueUnderTest>> = {
  async 'tells of each worker how its attempts ended'(subject) {
    const plan = { 0: ['succeed'], 1: ['exit:75', 'sigkill', 'succeed'] };
    await submitPlan(subject, { name: 'told', workers: 2, plan });

    const { workers = [] } = await endedState(subject.queue, 'told');
    assert.deepEqual(
      workers.map(({ arrayIndex, status }) => [arrayIndex, status]),
      [
        [0, 'SUCCEEDED'],
        [1, 'SUCCEEDED'],
      ],
    );
    const [first, second] = workers.map(({ attempts }) => attempts);
    assert.deepEqual(
      first?.map(({ exitCode }) => exitCode),
      [0],
    );
    assert.deepEqual(
      second?.map(({ exitCode }) => exitCode),
      [75, undefined, 0],
    );
    assert.match(
      second?.[1]?.statusReason ?? '',
      /^Host EC2 \(instance i-[0-9a-f]{17}\) terminated/,
    );
    assert.equal(second?.[0]?.statusReason, 'Essential container in task exited');
  },

  async 'tells which workers run and which wait for capacity'(subject) {
    const { queue, folder } = subject;
    await submitPlan(subject, { name: 'three', workers: 3, plan: { any: ['hold'] } });
    await waitForFile(folder, 'holding-three-0-1');
    await waitForFile(folder, 'holding-three-1-1');

    const state = await queue.describe('three');
    assert.deepEqual(
      state?.workers?.map(({ status }) => status),
      ['RUNNING', 'RUNNING', 'RUNNABLE'],
    );
    await queue.terminate('three', 'enough');
    const ended = await queue.describe('three');
    assert.deepEqual(
      ended?.workers?.map(({ status, statusReason }) => [status, statusReason]),
      Array.from({ length: 3 }, () => ['FAILED', 'enough']),
    );
  },

  async 'fails a worker that crashed by itself without another try'(subject) {
    await submitPlan(subject, { name: 'crash', workers: 1, plan: { any: ['sigsegv'] } });

    const state = await endedState(subject.queue, 'crash');
    assert.equal(state.status, 'failed');
    assert.equal(state.exitCode, 139);
    assert.deepEqual(filesOf(subject.folder, 'started'), ['crash-0-1']);
  },
};

export const orderCases: Record<string, ContractCase<JobQueueUnderTest>> = {
  async 'starts nothing for a name that it knows, running or ended'(subject) {
    await submitPlan(subject, { name: 'once', workers: 1, plan: { any: ['hold'] } });
    await submitPlan(subject, { name: 'once', workers: 2, plan: {} });
    writeFileSync(path.join(subject.folder, 'release'), '');
    await endedState(subject.queue, 'once');

    await submitPlan(subject, { name: 'once', workers: 2, plan: {} });
    await submitPlan(subject, { name: 'after', workers: 1, plan: {} });
    await endedState(subject.queue, 'after');
    assert.deepEqual(filesOf(subject.folder, 'started'), ['after-0-1', 'once-0-1']);
  },

  async 'starts submissions in their order and never more workers than it may'(subject) {
    const { queue, folder } = subject;
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await submitPlan(subject, { name, workers: 3, plan: { any: ['hold'] } });
    }
    await waitForFile(folder, 'holding-one-0-1');
    await waitForFile(folder, 'holding-one-1-1');
    assert.deepEqual(filesOf(folder, 'started'), ['one-0-1', 'one-1-1']);
    writeFileSync(path.join(folder, 'release'), '');
    for (const name of names) {
      assert.deepEqual(briefly(await endedState(queue, name)), { status: 'succeeded' });
    }

    const log = logOf(folder);
    assert.equal(log.length, 9);
    assert.ok(log.every(({ live }) => live <= 2));
    // Started in turn: when a worker writes its first line, at most the one beside it, started before
    // it, has not come to write its own.
    const places = log.map(({ id }) => {
      const [name = '', index] = id.split('-');
      return names.indexOf(name) * 3 + Number(index);
    });
    for (const [at, place] of places.entries()) {
      const written = places.slice(0, at).filter((other) => other < place).length;
      assert.ok(place - written <= 1, `${log[at]?.id} was start ${at}`);
    }
  },
};
