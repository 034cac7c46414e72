import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { toJsonl, trainingCorpus } from '../fixtures/harness/corpus.ts';
import {
  completeJob,
  createJob,
  killWorkersAt,
  outcomeOf,
  reachShare,
  runJob,
  threeMoments,
} from '../fixtures/harness/jobs.ts';
import {
  assertEveryRowOnce,
  digests,
  drop,
  type Outcome,
  putObject,
  resultLines,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const seed = runSeed();
console.log(`moments of the kills: SWITCHYARD_TEST_SEED=${seed}`);
const model = 'sst2-minilm';
const jobMillis = 600_000;
const { rows } = trainingCorpus();
const content = toJsonl(rows);
let server: Switchyard | undefined;

after(async () => {
  await server?.dispose();
});

/** A server of its own with the default size of a cell. */
async function fresh(workers: number): Promise<Switchyard> {
  await server?.dispose();
  server = await startSwitchyard({ workers, cellBytes: 262_144 });
  return server;
}

const calm = (async (): Promise<Outcome> => {
  const one = await fresh(1);
  await drop(one, { model, file: 'train.jsonl' }, content);
  return await successOf(one, { model, file: 'train.jsonl' }, jobMillis);
})();

test('every training row is answered once, in order, from a dropped file', async () => {
  const outcome = await calm;

  assertEveryRowOnce(outcome, rows.length);
  assert.ok(resultLines(outcome).every(({ id, index }) => id === `r${index}`));
});

for (const workers of [2, 4]) {
  test(`${workers} workers write the bytes of one for the whole training set`, async () => {
    const expected = digests(await calm);
    const server = await fresh(workers);
    const input = await putObject(server, 'uploads/train.jsonl', content);

    assert.deepEqual(digests(await runJob(server, { model, input }, jobMillis)), expected);
  });
}

test('kills at three moments change no byte of the whole training set', async () => {
  const expected = digests(await calm);
  const server = await fresh(2);
  const input = await putObject(server, 'uploads/train.jsonl', content);
  const { id } = await createJob(server, { model, input });

  await killWorkersAt(server, id, threeMoments(seededRandom(seed)));

  const outcome = await outcomeOf(server, await completeJob(server, id, jobMillis));
  assert.deepEqual(digests(outcome), expected, `seed ${seed}`);
});

test('kill -9 of the server and all its workers half way loses and doubles nothing', async () => {
  const expected = digests(await calm);
  const first = await fresh(2);
  const input = await putObject(first, 'uploads/train.jsonl', content);
  const { id } = await createJob(first, { model, input });
  await reachShare(first, id, 0.5, jobMillis);
  await first.killTree();

  server = await startSwitchyard({ dataFolder: first.dataFolder, cellBytes: 262_144 });

  const outcome = await outcomeOf(server, await completeJob(server, id, jobMillis));
  assert.deepEqual(digests(outcome), expected);
});
