import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { digests } from '../fixtures/harness/outbox.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import {
  attemptLines,
  cellCounts,
  finishRehearsal,
  killInsideCells,
  loseAfterNotice,
  type RehearsedJob,
  startRehearsal,
  stopInsideCell,
  undisturbedDigests,
} from '../fixtures/harness/spot-rehearsal.ts';
import { type StartOptions, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { startMetadataServer } from '../fixtures/instance-metadata/metadata-server.ts';

const seed = runSeed();

interface Rehearsal {
  readonly t: TestContext;
  readonly rowCount: number;
  readonly cellMillis: number;
  readonly options: StartOptions;
}

/** Runs a job under losses; its bytes must be those of the same job without. Returns the rework. */
async function rehearse(
  { t, rowCount, cellMillis, options }: Rehearsal,
  lose: (job: RehearsedJob) => Promise<void>,
): Promise<{ readonly job: RehearsedJob; readonly rework: number; readonly seconds: number }> {
  const undisturbed = await undisturbedDigests(rowCount, options);
  const env = { ...options.env, SWITCHYARD_SLOW_MILLIS_PER_CELL: String(cellMillis) };
  const server = await startSwitchyard({ ...options, env });
  t.after(() => server.dispose());
  const start = performance.now();
  const job = await startRehearsal(server, rowCount);
  await lose(job);
  assert.deepEqual(digests(await finishRehearsal(job, 400_000)), undisturbed);
  const { started, committed } = cellCounts(server);
  return { job, rework: started - committed, seconds: (performance.now() - start) / 1_000 };
}

async function killAtRandom(t: TestContext): Promise<void> {
  const [kills, rowCount, cellMillis] = [100, 100_000, 400];
  const options = { workers: 2, cellBytes: 16_384 };
  const random = seededRandom(seed);
  const { job, rework, seconds } = await rehearse({ t, rowCount, cellMillis, options }, (running) =>
    killInsideCells(running, { kills, random, cellMillis }),
  );

  const attempts = attemptLines(job.server);
  const lost = attempts.filter(({ statusReason }) => statusReason.startsWith('Host EC2'));
  console.log(
    `6.3 #1: ${kills} SIGKILLs over ${rowCount} rows, ${cellCounts(job.server).committed} cells, ` +
      `${new Set(attempts.map(({ name }) => name)).size} submissions: rework ${rework} cells, ` +
      `0 bytes differ, ${seconds.toFixed(0)} s, seed ${seed}`,
  );
  assert.equal(lost.length, kills);
  assert.ok(rework <= kills, `${rework} cells were computed again`);
}

async function stopAtRandom(t: TestContext): Promise<void> {
  const [stops, rowCount, cellMillis] = [100, 60_000, 150];
  const env = { SWITCHYARD_DRAIN_MILLIS: '25000' };
  const options = { workers: 1, cellBytes: 8_192, env };
  const random = seededRandom(seed + 1);
  const millis: number[] = [];
  const { job, rework, seconds } = await rehearse(
    { t, rowCount, cellMillis, options },
    async (running) => {
      while (millis.length < stops)
        millis.push(await stopInsideCell(running, { random, cellMillis }));
    },
  );

  const exitCodes = attemptLines(job.server).map(({ exitCode }) => exitCode);
  console.log(
    `6.3 #2: ${stops} SIGTERMs over ${rowCount} rows: ${exitCodes.filter((code) => code === 75).length} exits ` +
      `with 75, slowest ${Math.max(...millis).toFixed(0)} ms, rework ${rework}, ${seconds.toFixed(0)} s`,
  );
  assert.equal(exitCodes.length, stops);
  assert.deepEqual(new Set(exitCodes), new Set([75]));
  assert.ok(Math.max(...millis) <= 25_000);
  assert.ok(rework <= stops);
}

/** The period of 5 s between two questions is the one of production. */
async function loseWithNotice(t: TestContext, leadMillis: number): Promise<void> {
  const losses = 30;
  const [rowCount, cellMillis] = leadMillis === 0 ? [12_000, 600] : [44_000, 1_000];
  const metadata = await startMetadataServer();
  t.after(() => metadata.close());
  const env = { SWITCHYARD_METADATA_URL: metadata.url };
  const options = { workers: 1, cellBytes: 16_384, env };
  const random = seededRandom(seed + leadMillis);
  let [killed, oldest] = [0, 0];
  const { rework, seconds } = await rehearse({ t, rowCount, cellMillis, options }, async (job) => {
    for (let loss = 0; loss < losses; loss += 1) {
      const dose = { leadMillis, random, cellMillis };
      const { wasKilled, commitAgeMillis } = await loseAfterNotice(job, metadata, dose);
      killed += wasKilled ? 1 : 0;
      oldest = Math.max(oldest, commitAgeMillis);
    }
  });

  console.log(
    `6.3 #3: ${losses} losses ${leadMillis} ms after their notice: ${killed} workers did not leave in ` +
      `time, oldest commit at death ${oldest.toFixed(0)} ms, rework ${rework}, ${seconds.toFixed(0)} s`,
  );
  // A worker that reads its notice too late for its cell gives that up, and leaves with 75.
  assert.ok(rework <= losses);
  if (leadMillis === 120_000) assert.equal(rework, 0);
  assert.ok(oldest <= 10_000);
  if (leadMillis === 120_000) assert.equal(killed, 0);
}

async function useUpAttempts(t: TestContext): Promise<void> {
  const [kills, rowCount, cellMillis] = [11, 10_000, 200];
  const options = { workers: 1, cellBytes: 8_192 };
  const random = seededRandom(seed + 2);
  const { job, rework } = await rehearse({ t, rowCount, cellMillis, options }, (running) =>
    killInsideCells(running, { kills, random, cellMillis }),
  );

  const ends = attemptLines(job.server).filter(({ next }) => next === 'fail');
  console.log(`6.3 #20: ${kills} reclaimed attempts over two submissions, rework ${rework} cells`);
  assert.deepEqual(
    ends.map(({ attempt }) => attempt),
    [10],
  );
  assert.ok(rework <= kills);
}

// Most of the time of each is waiting: they share the machine.
test('spot losses at full dose', { concurrency: true }, async (t) => {
  console.log(`spot losses: seed ${seed}`);
  await Promise.all([
    t.test('6.3 #1 a hundred SIGKILLs inside cells of 100,000 rows change no byte', killAtRandom),
    t.test('6.3 #2 a hundred SIGTERMs end with 75 and lose nothing', stopAtRandom),
    t.test('6.3 #3 losses 120 s after their notice', (child) => loseWithNotice(child, 120_000)),
    t.test('6.3 #3 losses 5 s after their notice', (child) => loseWithNotice(child, 5_000)),
    t.test('6.3 #3 losses together with their notice', (child) => loseWithNotice(child, 0)),
    t.test('6.3 #20 ten reclaimed attempts, then a new submission', useUpAttempts),
  ]);
});
