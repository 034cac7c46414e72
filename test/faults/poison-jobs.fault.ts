import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { createJob, failedJob } from '../fixtures/harness/jobs.ts';
import { putObject } from '../fixtures/harness/outbox.ts';
import type { Switchyard } from '../fixtures/harness/start-switchyard.ts';
import { assertKillsChangeNothing } from '../fixtures/poison/kill-sessions.ts';
import { poisonFile } from '../fixtures/poison/poison-file.ts';
import { poisonText } from '../fixtures/poison/poison-texts.ts';
import { assertIsolated, startPoisonServer } from '../fixtures/poison/run-poison-job.ts';

let server: Switchyard;

before(async () => {
  server = await startPoisonServer();
});

after(async () => {
  await server?.dispose();
});

test('6.3 #14 with 1 % poison rows of every kind each is recorded once, the others as without', async () => {
  const rowCount = 2_000;
  const isPoison = (index: number) => index % 100 === 37;
  const file = poisonFile({ rowCount, isPoison, kinds: 'all' });

  const { restarts, seconds } = await assertIsolated(server, {
    name: 'one-percent',
    file,
    rowCount,
  });

  console.log(
    `6.3 #14: ${rowCount} rows, ${file.bad.length} poison, ${file.crashing.length} of them crash: ` +
      `${restarts} restarts, ${seconds.toFixed(1)} s`,
  );
  assert.ok(restarts <= 4 * file.crashing.length);
});

test('6.3 #14 a file of nothing but unreadable rows completes with 10,000 errors', async () => {
  const rowCount = 10_000;
  const file = poisonFile({ rowCount, isPoison: () => true, kinds: 'lines' });

  const { restarts } = await assertIsolated(server, { name: 'all-lines', file, rowCount });

  assert.equal(restarts, 0);
});

test('6.3 #14 a file in which every row crashes the runtime completes with one error each', async () => {
  const rowCount = 12;
  const file = poisonFile({ rowCount, isPoison: () => true, kinds: 'crashes' });

  const { restarts, seconds } = await assertIsolated(server, { name: 'all-crash', file, rowCount });

  console.log(
    `6.3 #14: ${rowCount} of ${rowCount} crash: ${restarts} restarts, ${seconds.toFixed(1)} s`,
  );
  assert.ok(restarts <= 4 * rowCount);
});

test('6.3 #14 a row that crashes the runtime by itself is found in at most 14 restarts', async () => {
  const rowCount = 4_000;
  const file = poisonFile({ rowCount, isPoison: (index) => index === 3_111, kinds: 'crashes' });

  const { restarts } = await assertIsolated(server, { name: 'one-crash', file, rowCount });

  console.log(`6.3 #14: one SIGSEGV row of ${rowCount}: ${restarts} restarts (allowed: 14)`);
  assert.ok(restarts >= 3 && restarts <= 14);
});

test('6.3 #18 a text that no memory is enough for fails the job and names the remedy', async () => {
  const rows = generatedReviews(200, 3);
  const texts = rows.map(({ text }, at) => ({
    text: at === 77 ? poisonText('SIGKILL', text) : text,
  }));
  const input = await putObject(server, 'uploads/memory.jsonl', toJsonl(texts));

  const { id } = await createJob(server, { model: 'tiny-text', input });

  const job = await failedJob(server, id);
  assert.equal(job.error?.code, 'worker_failed');
  assert.match(job.error?.detail ?? '', /memory/);
});

test('30 SIGKILLs of the session child leave no error row and the same bytes', async () => {
  const rowCount = 20_000;
  const content = toJsonl(generatedReviews(rowCount, 30));

  const outcome = await assertKillsChangeNothing({
    content,
    rowCount,
    kills: 30,
    cellBytes: 16_384,
  });

  console.log(`30 kills: ${outcome.restarts} restarts, ${outcome.seconds.toFixed(1)} s`);
  assert.ok(outcome.restarts >= 25, 'the kills hit a child that was at work');
});
