import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { testModel } from '../../fixtures/life/memory-deployment.ts';
import { rowsOf, submitRows, viewOf } from '../../fixtures/life/settle.ts';
import { openDeployment, work } from '../faults/real-jobs.ts';

type Moment = 'read' | 'run' | 'ran' | 'committed';

/** One worker on one shard of several cells; what happened in which order, once it was planned. */
async function momentsOf(rowCount: number) {
  const deployment = openDeployment();
  const { id } = await submitRows(deployment, rowsOf(rowCount));
  const moments: Moment[] = [];
  const { objectStore } = deployment.ports;
  const watched: ObjectStore = {
    ...objectStore,
    stream(key, options) {
      if (key.includes('/input') && options?.range !== undefined) moments.push('read');
      return objectStore.stream(key, options);
    },
    putIfAbsent(key, body) {
      if (key.includes('/parts/')) moments.push('committed');
      return objectStore.putIfAbsent(key, body);
    },
  };
  const model = testModel(async () => {
    moments.push('run');
    await new Promise(setImmediate);
    moments.push('ran');
  });
  await work(deployment, id, { model, objectStore: watched });
  return { moments, view: await viewOf(deployment, id) };
}

test('the next cell is read while the model runs, and no cell runs before the one before is committed', async () => {
  const { moments, view } = await momentsOf(2_000);

  assert.deepEqual(view.counts, { total: 2_000, completed: 2_000, failed: 0 });
  const count = (wanted: Moment) => moments.filter((moment) => moment === wanted).length;
  assert.equal(count('read'), count('run'), 'each cell is read once');
  // All but the last cell of each shard.
  const ahead = readsAhead(moments).filter((reads) => reads > 0).length;
  const runs = count('run');
  assert.ok(ahead >= runs - 64 && ahead > runs / 2, `${ahead} of ${runs} cells`);
  assert.ok(Math.max(...readsAhead(moments)) <= 1, 'one cell ahead, no more');
  const order = moments.filter((moment) => moment === 'run' || moment === 'committed');
  assert.ok(
    order.every((moment, at) => moment === (at % 2 === 0 ? 'run' : 'committed')),
    'a kill costs one cell',
  );
});

/** At each run, how many cells more than this one had been asked for. */
function readsAhead(moments: readonly Moment[]): number[] {
  let [reads, runs] = [0, 0];
  return moments.flatMap((moment) => {
    if (moment === 'read') reads += 1;
    if (moment !== 'run') return [];
    runs += 1;
    return [reads - runs];
  });
}
