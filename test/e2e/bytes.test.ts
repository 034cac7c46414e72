import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sample, toJsonl, trainingCorpus } from '../fixtures/harness/corpus.ts';
import {
  completeJob,
  createJob,
  killWorkersAt,
  outcomeOf,
  runJob,
  threeMoments,
} from '../fixtures/harness/jobs.ts';
import { mixedFile } from '../fixtures/harness/mixed-rows.ts';
import {
  assertEveryRowOnce,
  digests,
  errorLines,
  type Outcome,
  putObject,
  resultLines,
} from '../fixtures/harness/outbox.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const seed = runSeed();
console.log(`moments of the kills: SWITCHYARD_TEST_SEED=${seed}`);
const random = seededRandom(seed);
const mixed = mixedFile(40_000, 5);
const reviews = toJsonl(sample(trainingCorpus(), 5_000, 5_000));
const servers: Switchyard[] = [];

after(async () => {
  await Promise.all(servers.map((server) => server.dispose()));
});

async function withWorkers<T>(
  workers: number,
  use: (server: Switchyard) => Promise<T>,
): Promise<T> {
  const server = await startSwitchyard({ workers });
  servers.push(server);
  const outcome = await use(server);
  await server.dispose();
  return outcome;
}

async function runMixed(server: Switchyard): Promise<Outcome> {
  const input = await putObject(server, 'uploads/mixed.jsonl', mixed.content);
  return await runJob(server, { model: 'tiny-text', input });
}

async function runMixedWithKills(server: Switchyard): Promise<Outcome> {
  const input = await putObject(server, 'uploads/mixed.jsonl', mixed.content);
  const { id } = await createJob(server, { model: 'tiny-text', input });
  await killWorkersAt(server, id, threeMoments(random));
  return await outcomeOf(server, await completeJob(server, id));
}

const undisturbed = withWorkers(1, runMixed);

test('a file with every kind of bad row yields each row once, good or bad', async () => {
  const outcome = await undisturbed;

  assertEveryRowOnce(outcome, mixed.rows.length);
  assert.deepEqual(
    resultLines(outcome).map(({ index, id }) => ({ index, id })),
    mixed.rows
      .filter((row) => row.errorCodes === undefined)
      .map(({ index, id }) => ({ index, id })),
  );
});

test('error lines name index, line, first byte, id and code of their row', async () => {
  const lines = errorLines(await undisturbed);

  const bad = mixed.rows.filter((row) => row.errorCodes !== undefined);
  assert.deepEqual(
    lines.map(({ index, line, offset, id }) => ({ index, line, offset, id })),
    bad.map(({ index, line, offset, id }) => ({ index, line, offset, id })),
  );
  for (const [at, { errorCodes }] of bad.entries()) {
    const code = lines[at]?.error.code ?? '';
    assert.ok(errorCodes?.includes(code), `${code} is none of ${errorCodes}`);
  }
});

test('no error line repeats the text of its row', async () => {
  const { errors } = await undisturbed;

  for (const echo of ['xxxxx', 'ppppp', 'not json at all', 'a bare string', 'no text here']) {
    assert.ok(!errors.includes(echo), `errors.jsonl holds "${echo}"`);
  }
});

for (const workers of [2, 4]) {
  test(`${workers} workers write the bytes of one`, async () => {
    const outcome = await withWorkers(workers, runMixed);

    assert.deepEqual(digests(outcome), digests(await undisturbed));
  });
}

test('workers killed at three moments leave the bytes of an undisturbed run', async () => {
  const outcome = await withWorkers(2, runMixedWithKills);

  assert.deepEqual(digests(outcome), digests(await undisturbed), `seed ${seed}`);
});

test('5,000 training rows with the default model keep order and bytes through kills', async () => {
  const body = { model: 'sst2-minilm' };
  const runs = await withWorkers(2, async (server) => {
    const input = await putObject(server, 'uploads/train.jsonl', reviews);
    const calm = await runJob(server, { ...body, input });
    const again = await putObject(server, 'uploads/again.jsonl', reviews);
    const { id } = await createJob(server, { ...body, input: again });
    await killWorkersAt(server, id, threeMoments(random));
    return { calm, killed: await outcomeOf(server, await completeJob(server, id)) };
  });

  assertEveryRowOnce(runs.calm, 5_000);
  assert.deepEqual(
    resultLines(runs.calm).map(({ id }) => id),
    resultLines(runs.calm).map(({ index }) => `r${index}`),
  );
  assert.deepEqual(digests(runs.killed), digests(runs.calm), `seed ${seed}`);
});
