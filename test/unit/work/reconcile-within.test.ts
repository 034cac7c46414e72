import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcileWithin } from '#work/reconcile/reconcile-within.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { rowsOf, submitRows } from '../../fixtures/life/settle.ts';

const options = {
  notifier: { post: async () => ({ delivered: true }) as const },
  retentionMillis: 86_400_000,
};

test('a round that runs out of time goes on next time where it stopped, so that no job starves', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports, queue } = deployment;
  const jobs = 30;
  for (let at = 0; at < jobs; at += 1) await submitRows(deployment, rowsOf(2 + at));
  const looksPerRound = 10;
  const summaries: { readonly active: number; readonly postponed: number }[] = [];

  for (let round = 0; round < 3; round += 1) {
    let looks = 0;
    summaries.push(
      await reconcileWithin(ports, options, () => {
        looks += 1;
        return looks <= looksPerRound;
      }),
    );
  }

  assert.deepEqual(
    summaries.map(({ active, postponed }) => [active, postponed]),
    [
      [10, 20],
      [10, 20],
      [10, 20],
    ],
  );
  assert.equal(new Set(queue.accepted).size, jobs);
  await queue.idle();
  const last = await reconcileWithin(ports, options, () => true);
  assert.deepEqual([last.active, last.ended, last.postponed], [jobs, jobs, 0]);
});
