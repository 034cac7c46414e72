import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { assertWithin } from '../fixtures/harness/assert-within.ts';
import { send } from '../fixtures/harness/http.ts';
import { failedJob } from '../fixtures/harness/jobs.ts';
import { digests } from '../fixtures/harness/outbox.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import {
  attemptLines,
  cellCounts,
  eventsOf,
  finishRehearsal,
  killInsideCells,
  loseAfterNotice,
  startRehearsal,
  stopInsideCell,
  undisturbedDigests,
} from '../fixtures/harness/spot-rehearsal.ts';
import { severalNodeTrace } from '../fixtures/harness/spot-traces.ts';
import { type StartOptions, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';
import { startMetadataServer } from '../fixtures/instance-metadata/metadata-server.ts';

// The full doses are in test/faults/spot.fault.ts.

const rowCount = 5_000;
const cellMillis = 100;
const seed = runSeed();
const random = seededRandom(seed);
const base = { workers: 2, cellBytes: 8_192 } as const;
const slow = { SWITCHYARD_SLOW_MILLIS_PER_CELL: String(cellMillis) };
let undisturbed: Awaited<ReturnType<typeof undisturbedDigests>>;

before(async () => {
  console.log(`spot rehearsals: ${rowCount} rows, seed ${seed}`);
  undisturbed = await undisturbedDigests(rowCount, base);
});

async function open(t: TestContext, options: StartOptions = {}) {
  const server = await startSwitchyard({ ...base, ...options, env: { ...slow, ...options.env } });
  t.after(() => server.dispose());
  return server;
}

const start = (...args: string[]) =>
  ({ command: [process.execPath, 'functions/local/main.ts', ...args] }) as const;

test('6.3 #1 SIGKILLs inside cells change no byte and cost at most a cell each', async (t) => {
  const server = await open(t);
  const job = await startRehearsal(server, rowCount);
  const kills = 5;
  await killInsideCells(job, { kills, random, cellMillis });

  assert.deepEqual(digests(await finishRehearsal(job)), undisturbed);
  const { started, committed } = cellCounts(server);
  console.log(`6.3 #1: ${kills} kills, ${committed} cells, rework ${started - committed} cells`);
  assert.ok(started - committed <= kills);
  const lost = attemptLines(server).filter(({ exitCode }) => exitCode === undefined);
  assert.equal(lost.length, kills);
  assert.ok(lost.every(({ statusReason }) => statusReason.startsWith('Host EC2 (instance i-')));
});

test('6.3 #2 SIGTERM lets the cell in hand be committed and ends with 75', async (t) => {
  const server = await open(t, { env: { SWITCHYARD_DRAIN_MILLIS: '25000' } });
  const job = await startRehearsal(server, rowCount);
  const millis: number[] = [];
  for (let stop = 0; stop < 3; stop += 1) {
    millis.push(await stopInsideCell(job, { random, cellMillis }));
  }

  assert.deepEqual(digests(await finishRehearsal(job)), undisturbed);
  const { started, committed } = cellCounts(server);
  const rework = started - committed;
  const slowest = Math.max(...millis).toFixed(0);
  console.log(`6.3 #2: ${millis.length} stops, slowest exit ${slowest} ms, rework ${rework}`);
  assert.ok(Math.max(...millis) <= 25_000);
  assert.equal(rework, 0);
  const exitCodes = attemptLines(server).map(({ exitCode }) => exitCode);
  assert.deepEqual(exitCodes, [75, 75, 75]);
});

test('6.3 #2 a cell that does not fit the time left is given up, and the exit is in time', async (t) => {
  const env = { SWITCHYARD_SLOW_MILLIS_PER_CELL: '60000', SWITCHYARD_DRAIN_MILLIS: '300' };
  const server = await open(t, { env });
  const job = await startRehearsal(server, 50);

  const millis = await stopInsideCell(job, { random, cellMillis });

  assert.ok(millis >= 250 && millis < 20_000, `${millis} ms`);
  await waitUntil('the queue saw it', () => attemptLines(server).length > 0);
  assert.deepEqual(
    attemptLines(server).map(({ exitCode }) => exitCode),
    [75],
  );
  assert.equal(cellCounts(server).committed, 0);
});

test('6.3 #3 a spot notice before the loss loses nothing', async (t) => {
  const metadata = await startMetadataServer();
  t.after(() => metadata.close());
  const env = { SWITCHYARD_METADATA_URL: metadata.url, SWITCHYARD_METADATA_POLL_MILLIS: '200' };
  const server = await open(t, { workers: 1, env });
  const job = await startRehearsal(server, rowCount);
  let killed = 0;
  for (const leadMillis of [120_000, 5_000, 0]) {
    const loss = await loseAfterNotice(job, metadata, { leadMillis, random, cellMillis });
    const age = loss.commitAgeMillis.toFixed(0);
    console.log(
      `6.3 #3: notice ${leadMillis} ms ahead, killed ${loss.wasKilled}, commit ${age} ms old`,
    );
    await assertWithin('what a loss costs', {
      tookMillis: loss.commitAgeMillis,
      limitMillis: 10_000,
    });
    killed += loss.wasKilled ? 1 : 0;
    if (leadMillis === 120_000) assert.equal(loss.wasKilled, false);
  }

  assert.deepEqual(digests(await finishRehearsal(job)), undisturbed);
  const { started, committed } = cellCounts(server);
  assert.ok(started - committed <= killed);
});

test('a seeded chaos run gives the same bytes while the server stays well', async (t) => {
  const server = await open(t, start('--chaos', '12', '--chaos-mean', '2', '--chaos-grace', '100'));
  const job = await startRehearsal(server, rowCount);
  const answers: (number | string)[] = [];
  const watch = setInterval(() => {
    send(server.url, '/health').then(
      ({ status }) => answers.push(status),
      (error: unknown) => answers.push(String(error)),
    );
  }, 250);
  t.after(() => clearInterval(watch));

  const outcome = await finishRehearsal(job);
  clearInterval(watch);

  assert.deepEqual(digests(outcome), undisturbed);
  const losses = eventsOf(server, 'chaos_reclaim').length;
  console.log(`chaos seed 12: ${losses} losses; /health answered ${answers.length} times`);
  assert.ok(losses >= 1);
  assert.deepEqual(new Set(answers), new Set([200]));
});

test('a replayed availability trace gives the same bytes', async (t) => {
  const server = await open(t, start('--chaos', severalNodeTrace().chaos, '--chaos-speed', '2000'));
  const job = await startRehearsal(server, rowCount);

  assert.deepEqual(digests(await finishRehearsal(job)), undisturbed);
  const changes = eventsOf<{ reclaimed: unknown[] }>(server, 'chaos_capacity');
  const reclaimed = changes.reduce((sum, change) => sum + change.reclaimed.length, 0);
  console.log(`${changes.length} changes of capacity, ${reclaimed} workers reclaimed`);
  assert.ok(changes.length > 1);
});

test('6.3 #20 capacity that never comes fails the job with the reason of the queue', async (t) => {
  const server = await open(t, {
    ...start('--chaos', await traceFile(t, ['3600,0'])),
    env: { SWITCHYARD_RUNNABLE_LIMIT_SECONDS: '0.3' },
  });
  const job = await startRehearsal(server, 100);

  const { error } = await failedJob(server, job.id);

  assert.match(error?.detail ?? '', /JobStateTimeLimit.*CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY/);
});

test('6.3 #20 capacity that comes after a submission was cancelled is used by the next', async (t) => {
  const server = await open(t, {
    ...start('--chaos', await traceFile(t, ['3,0', '3600,2'])),
    env: { SWITCHYARD_RUNNABLE_LIMIT_SECONDS: '2' },
  });
  const job = await startRehearsal(server, 500);

  await finishRehearsal(job);
});

test('6.3 #20 after its last attempt was reclaimed a job goes on from its committed cells', async (t) => {
  const attempts = 2;
  const server = await open(t, { workers: 1, env: { SWITCHYARD_WORKER_ATTEMPTS: `${attempts}` } });
  const job = await startRehearsal(server, rowCount);
  const kills = attempts + 1;
  await killInsideCells(job, { kills, random, cellMillis });

  assert.deepEqual(digests(await finishRehearsal(job)), undisturbed);
  const { started, committed } = cellCounts(server);
  const lines = attemptLines(server);
  const names = new Set(lines.map(({ name }) => name));
  const rework = started - committed;
  console.log(`6.3 #20: ${kills} kills over ${names.size} submissions, rework ${rework} cells`);
  assert.equal(lines.filter(({ next }) => next === 'fail').length, 1);
  assert.ok(rework <= kills);
});

async function traceFile(t: TestContext, runs: readonly string[]): Promise<string> {
  const file = join(await temporaryFolder(t), 'trace.csv');
  const lines = runs.map((run) => `t,${run}`).join('\n');
  await writeFile(file, `trace_id,duration_s,nodes_available\n${lines}\n`);
  return file;
}
