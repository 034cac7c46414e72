import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Clock } from '#core/ports/clock.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

/** What every clock must do; the promises are in shared/core/ports/clock.ts. */
export function describeClock(subject: ContractSubject<Clock>): void {
  describeContract(subject, cases);
}

const cases: Record<string, ContractCase<Clock>> = {
  async 'tells the wall time in milliseconds since 1970'(clock) {
    assert.ok(clock.epochMillis() > Date.UTC(2020, 0, 1));
    assert.ok(clock.epochMillis() < Date.UTC(2200, 0, 1));
  },

  async 'never goes backwards on the monotonic side'(clock) {
    let last = clock.monotonicMillis();
    for (let round = 0; round < 10_000; round++) {
      const now = clock.monotonicMillis();
      assert.ok(now >= last);
      last = now;
    }
  },

  async 'sleeps at least as long as told, by its own clock'(clock) {
    for (const millis of [0, 1, 20, 35.5]) {
      const before = clock.monotonicMillis();
      await clock.sleep(millis);
      assert.ok(clock.monotonicMillis() - before >= millis);
    }
  },

  async 'wakes sleepers in the order of their times'(clock) {
    const woken: number[] = [];
    await Promise.all(
      [90, 10, 50].map((millis) => clock.sleep(millis).then(() => woken.push(millis))),
    );
    assert.deepEqual(woken, [10, 50, 90]);
  },

  async 'ends a sleep at once and without an error when it is aborted'(clock) {
    const abort = new AbortController();
    const before = clock.monotonicMillis();
    const sleep = clock.sleep(60_000, abort.signal);
    abort.abort();
    await sleep;
    await clock.sleep(60_000, abort.signal);
    assert.ok(clock.monotonicMillis() - before < 30_000);
  },

  async 'sleeps for a month without waking at once'(clock) {
    const abort = new AbortController();
    let isAwake = false;
    const sleep = clock.sleep(31 * 24 * 60 * 60 * 1000, abort.signal).then(() => {
      isAwake = true;
    });
    await clock.sleep(30);
    assert.equal(isAwake, false);
    abort.abort();
    await sleep;
  },

  async 'leaves no listener on a signal after a sleep'(clock) {
    const { signal } = new AbortController();
    await clock.sleep(1, signal);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  },
};
