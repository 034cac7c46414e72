import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { runSeed, type SeededRandom, seededRandom } from '../../fixtures/harness/random.ts';
import { testModel } from '../../fixtures/life/memory-deployment.ts';
import { recordOf, rowsOf, submitRows, viewOf } from '../../fixtures/life/settle.ts';
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { openDeployment, work } from '../faults/real-jobs.ts';

const WORKERS = 64;
const ROWS = 1_200;

function virtualClock(time: VirtualTime): Clock {
  return {
    epochMillis: () => 1_700_000_000_000 + time.nowMillis,
    monotonicMillis: () => time.nowMillis,
    sleep: (millis, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        time.after(millis, resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}

/** Counts the writes that claim or let go, won or lost; beats of an owner are not among them. */
function countClaims(store: ObjectStore, time: VirtualTime, random: SeededRandom) {
  const writes = new Map<string, number>();
  let beats = 0;
  // An answer of S3 takes 20 to 80 ms: between a look and a write others get their turn.
  const slowly = async <T>(call: () => Promise<T>): Promise<T> => {
    await time.sleep(20 + 60 * random.fraction());
    return await call();
  };
  const count = (key: string) => {
    const unit = /\/claims\/(shard-\d+)\//.exec(key)?.[1];
    if (unit !== undefined) writes.set(unit, (writes.get(unit) ?? 0) + 1);
  };
  const counted: ObjectStore = {
    ...store,
    head: (key) => slowly(() => store.head(key)),
    read: (key, options) => slowly(() => store.read(key, options)),
    put: (key, body) => {
      const isBeat = new TextDecoder().decode(body).includes('"released":false');
      if (isBeat) beats += 1;
      else count(key);
      return slowly(() => store.put(key, body));
    },
    putIfAbsent: (key, body) => {
      count(key);
      return slowly(() => store.putIfAbsent(key, body));
    },
  };
  return { store: counted, writes, beats: () => beats };
}

test('64 workers on 64 shards make at most 4 claim writes per shard', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const deployment = openDeployment();
  const { id } = await submitRows(deployment, rowsOf(ROWS, 'a row of a text that is longer'));
  const time = new VirtualTime();
  const { store, writes, beats } = countClaims(deployment.ports.objectStore, time, random);
  let left = WORKERS;
  const runs = Array.from({ length: WORKERS }, async (_, arrayIndex) => {
    // Instances boot when they like, some of them minutes after the first.
    await time.sleep(90_000 * random.fraction());
    await work(deployment, id, {
      arrayIndex,
      arraySize: WORKERS,
      clock: virtualClock(time),
      model: testModel(() => time.sleep(4_000 + 8_000 * random.fraction())),
      objectStore: store,
    });
    left -= 1;
  });

  await time.run(() => left === 0);
  await Promise.all(runs);

  const { shardBytes, input } = await recordOf(deployment, id);
  const shards = Math.ceil(input.sizeBytes / shardBytes);
  const most = Math.max(...writes.values());
  const total = [...writes.values()].reduce((sum, each) => sum + each, 0);
  t.diagnostic(
    `seed ${seed}: ${shards} shards, ${total} claim writes, at most ${most} for one shard; ` +
      `${beats()} beats in ${Math.round(time.nowMillis / 1_000)} s of virtual time`,
  );
  assert.ok(shards >= 60 && shards <= 64, `${shards} shards`);
  assert.equal(writes.size, shards);
  assert.ok(most <= 4, `${most} claim writes for one shard`);
  assert.equal((await viewOf(deployment, id)).counts.completed, ROWS);
});
