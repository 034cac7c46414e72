import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptEndSchema } from '#core/jobs/attempt-record.ts';
import { decodePartFooter } from '#core/jobs/part-format.ts';
import { readJsonObject } from '#work/records/read-json-object.ts';
import { runSeed, type SeededRandom, seededRandom } from '../../fixtures/harness/random.ts';
import { testModel } from '../../fixtures/life/memory-deployment.ts';
import { keysBelow } from '../../fixtures/life/settle.ts';
import {
  bytesOf,
  type ClockFaults,
  fastClock,
  filesOf,
  openDeployment,
  partKeys,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

const HOUR_MILLIS = 3_600_000;
const WORKERS = 3;
const expected = await undisturbedFiles();

function drawFaults(random: SeededRandom): ClockFaults {
  return {
    // Between two workers up to ten times.
    rate: [0.316, 1, 3.16][random.below(3)] ?? 1,
    wallJump: () => (random.below(3) - 1) * HOUR_MILLIS,
    // A monotonic clock does not go back; one that does must cost nothing but time.
    steadyJump: () => (random.below(4) === 0 ? -random.below(5_000) : 0),
  };
}

test('6.3 #12 clocks that jump, go back and drift change no byte and give no negative time', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const dose = 20;
  let takeovers = 0;
  let footers = 0;
  for (let round = 0; round < dose; round += 1) {
    const deployment = openDeployment();
    const jobId = await submitJob(deployment);
    // Now and then longer than a quick neighbour waits for a claim that stands still.
    const pauseMillis = () => (random.below(2) === 0 ? 40 : 1);
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, pauseMillis()));
    // A worker may leave what it sees another one work on, so the job ends with the last of them.
    await Promise.all(
      Array.from({ length: WORKERS }, (_, arrayIndex) => {
        const clock = fastClock(drawFaults(random));
        return work(deployment, jobId, {
          arrayIndex,
          arraySize: WORKERS,
          clock,
          model: testModel(pause),
        });
      }),
    );
    assert.deepEqual(await filesOf(deployment, jobId), expected, `seed ${seed}, round ${round}`);
    for (const key of await partKeys(deployment, jobId)) {
      const tail = await bytesOf(deployment, key);
      const { inferenceMillis } = decodePartFooter({ tail, sizeBytes: tail.length, key });
      assert.ok(inferenceMillis >= 0);
      footers += 1;
    }
    const keys = await keysBelow(deployment, `work/jobs/${jobId}/`);
    for (const key of keys.filter((each) => each.endsWith('/ended'))) {
      const end = await readJsonObject(deployment.ports.objectStore, key, attemptEndSchema);
      assert.ok((end?.modelMillis ?? -1) >= 0);
    }
    takeovers += keys.filter((key) => /\/claims\/.*\/000002$/.test(key)).length;
  }
  assert.ok(footers > dose);
  t.diagnostic(
    `6.3 #12: seed ${seed}, ${dose} jobs of ${WORKERS} workers, ${takeovers} takeovers, ` +
      `${footers} footers without a negative time`,
  );
});
