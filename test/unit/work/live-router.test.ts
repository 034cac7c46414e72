import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { openLiveRouter, type RoutedModel } from '#work/routing/live-router.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { localState, testCurve } from '../../fixtures/routing/live-states.ts';

const model: RoutedModel = {
  name: 'tiny-text',
  curve: {
    inline: testCurve,
    bulkPerTokenSeconds: testCurve.bulkPerTokenSeconds,
    isAssumed: false,
  },
  assemble: (learnt, takenAt) => localState({ takenAt }, learnt),
};

function inlineRun(factor: number) {
  const runSeconds = factor * (testCurve.perCallSeconds + 100 * testCurve.perTokenSeconds);
  return { kind: 'inline', run: { calls: 1, tokens: 100, runSeconds } } as const;
}

test('an unchanged machine has the same state id after a restart, and finds old states', async () => {
  const ports = { objectStore: createMemoryObjectStore(), clock: systemClock };
  const first = await openLiveRouter(ports, [model]);
  const before = first.stateOf('tiny-text');

  const second = await openLiveRouter(ports, [model]);

  assert.equal(second.stateOf('tiny-text').router.stateId, before.router.stateId);
  assert.deepEqual(await second.findState(before.router.stateId), before);
  assert.equal(await second.findState('rs-000000000000000000000000'), undefined);
  assert.equal(await second.findState('../jobs/x'), undefined);
});

test('use moves the state: a new id, kept across a restart, the old one still there', async () => {
  const ports = { objectStore: createMemoryObjectStore(), clock: systemClock };
  const router = await openLiveRouter(ports, [model]);
  const before = router.stateOf('tiny-text');
  // Twice as slow as measured; three wild values must not matter.
  for (const factor of [2, 2, 2, 2, 2, 2, 2, 2, 1_000, 1_000, 1_000]) {
    router.observe('tiny-text', inlineRun(factor));
  }

  await router.refresh();

  const after = router.stateOf('tiny-text');
  const ratio =
    (after.router.inline?.perTokenSeconds ?? 0) / (before.router.inline?.perTokenSeconds ?? 1);
  assert.ok(ratio > 1.1 && ratio <= 2, `moved by ${ratio}`);
  assert.notEqual(after.router.stateId, before.router.stateId);
  assert.deepEqual(await router.findState(before.router.stateId), before);
  const restarted = await openLiveRouter(ports, [model]);
  assert.equal(restarted.stateOf('tiny-text').router.stateId, after.router.stateId);
});

test('noise and few observations leave the state as it is', async () => {
  const ports = { objectStore: createMemoryObjectStore(), clock: systemClock };
  const router = await openLiveRouter(ports, [model]);
  const before = router.stateOf('tiny-text');
  for (let at = 0; at < 7; at += 1) router.observe('tiny-text', inlineRun(3));
  await router.refresh();
  assert.equal(router.stateOf('tiny-text'), before);
  for (let at = 0; at < 57; at += 1) router.observe('tiny-text', inlineRun(1.04));

  await router.refresh();

  assert.equal(router.stateOf('tiny-text'), before);
});

test('three workers teach what a job takes on this machine, one wild one teaches nothing', async () => {
  const ports = { objectStore: createMemoryObjectStore(), clock: systemClock };
  const router = await openLiveRouter(ports, [model]);
  const worker = (factor: number, idleSeconds: number) => {
    const runSeconds = factor * 10_000 * testCurve.bulkPerTokenSeconds;
    const run = { calls: 0, tokens: 10_000, runSeconds };
    router.observe('tiny-text', { kind: 'worker', run, idleSeconds });
  };
  worker(2, 1.5);
  worker(2, 1.5);
  await router.refresh();
  const before = router.stateOf('tiny-text').router.fleet;
  worker(90, 600);

  await router.refresh();

  const after = router.stateOf('tiny-text').router.fleet;
  assert.equal(before?.perTokenSeconds, testCurve.bulkPerTokenSeconds);
  assert.equal(after?.perTokenSeconds, 2 * testCurve.bulkPerTokenSeconds);
  assert.equal(after?.billedInitSeconds, 1.5);
});
