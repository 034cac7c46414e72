import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#core/ports/clock.ts';
import { runSeed, seededRandom } from '../../fixtures/harness/random.ts';
import { testModel } from '../../fixtures/life/memory-deployment.ts';
import {
  fastClock,
  filesOf,
  openDeployment,
  partKeys,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

const expected = await undisturbedFiles();

/** Stops a worker inside the given call of its model until it is let go on. */
function stoppingModel(call: number) {
  const stopped = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const model = testModel(async () => {
    calls += 1;
    if (calls !== call) return;
    stopped.resolve();
    await gate.promise;
  });
  // A stopped process renews nothing.
  const running = fastClock();
  const clock: Clock = {
    ...running,
    sleep: async (millis, signal) => {
      await running.sleep(millis, signal);
      if (calls >= call) await gate.promise;
    },
  };
  return { model, clock, stopped: stopped.promise, wake: () => gate.resolve() };
}

async function raceZombie(
  taker: { readonly generation: number },
  wakesEarly: boolean,
  call: number,
) {
  const deployment = openDeployment();
  const jobId = await submitJob(deployment);
  const { model, clock, stopped, wake } = stoppingModel(call);
  const zombie = work(deployment, jobId, { arraySize: 2, model, clock });
  await stopped;
  const others = { ...taker, arrayIndex: 1, arraySize: 2 };
  let calls = 0;
  const taking = work(deployment, jobId, {
    ...others,
    model: testModel(() => {
      calls += 1;
      if (wakesEarly && calls === 2) wake();
    }),
  });
  if (!wakesEarly) await taking;
  const before = await partKeys(deployment, jobId);
  wake();
  const ends = await Promise.all([zombie, taking]);
  assert.deepEqual(ends, ['finished', 'finished']);
  if (!wakesEarly) assert.deepEqual(await partKeys(deployment, jobId), before);
  assert.deepEqual(await filesOf(deployment, jobId), expected);
}

test('6.3 #5 a worker that wakes after its shard was taken over changes nothing', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const dose = 50;
  for (let round = 0; round < dose; round += 1) {
    // A later start of the server takes over at once, a neighbour when the claim stood still.
    const generation = round % 5 === 0 ? 1 : 2;
    await raceZombie(
      { generation },
      generation === 2 && random.below(2) === 0,
      1 + random.below(5),
    );
  }
  t.diagnostic(`6.3 #5: seed ${seed}, ${dose} zombies; late commits refused, 0 rows doubled`);
});
