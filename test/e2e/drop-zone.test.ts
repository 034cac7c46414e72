import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { completeJob, findJob, listJobs, reachShare } from '../fixtures/harness/jobs.ts';
import {
  assertEveryRowOnce,
  drop,
  errorLines,
  inboxPath,
  outboxPath,
  resultLines,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { stillMillis, writeSlowly } from '../fixtures/harness/write-slowly.ts';

const model = 'tiny-text';
const threeRows = toJsonl(generatedReviews(3, 21));
let server: Switchyard;

before(async () => {
  // Slow cells, so that a moment in the middle of a job can be met.
  server = await startSwitchyard({ env: { SWITCHYARD_SLOW_MILLIS_PER_CELL: '40' } });
});

after(async () => {
  await server?.dispose();
});

const cases: { readonly name: string; readonly run: () => Promise<void> }[] = [];

function dropTest(name: string, run: () => Promise<void>): void {
  cases.push({ name, run });
}

dropTest('takes a file that is written for 8 s only when it is whole', async () => {
  const rowCount = 200;
  // Blanks between the tokens make a row 100 KiB long at no cost to the model.
  const row = (index: number) => `{"id":${index},${' '.repeat(104_000)}"text":"row ${index}"}\n`;
  const whole = Buffer.from(Array.from({ length: rowCount }, (_, index) => row(index)).join(''));
  assert.ok(whole.length > 20_000_000, `${whole.length} bytes`);
  let target = { model, file: 'growing.jsonl' };
  // On a busy machine the writer itself may be held up for so long that its file is rightly taken.
  for (
    let turn = 1;
    (await writeSlowly(inboxPath(server, model, target.file), whole)) > stillMillis * 0.75;
    turn += 1
  ) {
    assert.ok(turn < 5, 'this machine is too busy to write a file without a pause');
    target = { model, file: `growing-${turn}.jsonl` };
  }

  const outcome = await successOf(server, target);
  assertEveryRowOnce(outcome, rowCount);
  assert.equal(outcome.errors.length, 0);
  assert.ok(resultLines(outcome).every(({ index, id }) => Number(id) === index));
  const taken = (await listJobs(server)).filter(({ input }) => input.endsWith(target.file));
  assert.equal(taken.length, 1, 'one job, not one per look');
});

dropTest('ignores unfinished and hidden names until they are renamed', async () => {
  const hidden = ['.hidden.jsonl', 'upload.jsonl.partial', 'backup.jsonl~'];
  for (const file of hidden) await drop(server, { model, file }, threeRows);
  const control = { model, file: 'after-hidden.jsonl' };
  await drop(server, control, threeRows);
  await successOf(server, control);

  for (const file of hidden) assert.ok(!existsSync(outboxPath(server, model, file)), file);
  const inputs = (await listJobs(server)).map(({ input }) => input);
  assert.ok(!inputs.some((input) => hidden.some((file) => input.endsWith(file))));
  const renamed = { model, file: 'upload.jsonl' };
  await rename(
    inboxPath(server, model, 'upload.jsonl.partial'),
    inboxPath(server, model, renamed.file),
  );
  assertEveryRowOnce(await successOf(server, renamed), 3);
});

dropTest('puts the results of a second drop of a name beside the first', async () => {
  const target = { model, file: 'twice.jsonl' };
  await drop(server, target, threeRows);
  const first = await successOf(server, target);
  const { id: firstId } = await findJob(server, '/twice.jsonl');

  await drop(server, target, toJsonl(generatedReviews(5, 22)));

  const { id } = await findJob(server, '/twice.jsonl', [firstId]);
  assertEveryRowOnce(await successOf(server, { model, file: `twice.jsonl@${id}` }), 5);
  const still = await successOf(server, target);
  assert.deepEqual(still.results, first.results);
});

dropTest('keeps an overwrite away from the job that runs', async () => {
  const target = { model, file: 'overwritten.jsonl' };
  await drop(server, target, toJsonl(generatedReviews(20_000, 23)));
  const { id } = await findJob(server, '/overwritten.jsonl');
  await reachShare(server, id, 0.1);

  await drop(server, target, toJsonl(generatedReviews(10, 24)));

  await completeJob(server, id);
  assertEveryRowOnce(await successOf(server, target), 20_000);
  const second = await findJob(server, '/overwritten.jsonl', [id]);
  assertEveryRowOnce(
    await successOf(server, { model, file: `overwritten.jsonl@${second.id}` }),
    10,
  );
});

dropTest('completes an empty file with no rows', async () => {
  const target = { model, file: 'empty.jsonl' };
  await drop(server, target, '');

  const outcome = await successOf(server, target);

  assert.equal(outcome.results.length + outcome.errors.length, 0);
  const job = await completeJob(server, (await findJob(server, '/empty.jsonl')).id);
  assert.deepEqual(job.counts, { total: 0, completed: 0, failed: 0 });
});

dropTest('takes a text file as one text per line', async () => {
  const target = { model, file: 'lines.txt' };
  await drop(
    server,
    target,
    'a wonderful film\r\n\r\na boring , awful film\n{"text":"not json here"}',
  );

  const lines = resultLines(await successOf(server, target));

  assert.deepEqual(
    lines.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.deepEqual(
    lines.slice(0, 2).map(({ label }) => label),
    ['POSITIVE', 'NEGATIVE'],
  );
});

dropTest('makes an error row of a line of 2 MiB and of one nested 100,000 deep', async () => {
  const target = { model, file: 'hostile.jsonl' };
  const long = JSON.stringify({ text: 'x'.repeat(2 * 1_048_576) });
  const deep = `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  await drop(
    server,
    target,
    `{"text":"first"}\n${long}\n{"text":"third"}\n${deep}\n{"text":"last"}`,
  );

  const outcome = await successOf(server, target);

  assertEveryRowOnce(outcome, 5);
  const errors = errorLines(outcome);
  assert.deepEqual(
    errors.map(({ index, line }) => [index, line]),
    [
      [1, 2],
      [3, 4],
    ],
  );
  assert.equal(errors[0]?.error.code, 'line_too_long');
  assert.match(errors[0]?.error.detail ?? '', /1,?048,?576|1 MiB/);
});

dropTest('reads the options beside a file', async () => {
  const target = { model, file: 'with-options.jsonl' };
  await drop(server, { model, file: 'with-options.jsonl.options.json' }, '{"topK":2}');
  await drop(server, target, threeRows);

  const lines = resultLines(await successOf(server, target));

  assert.ok(lines.every(({ scores }) => scores?.length === 2));
  assert.ok(!existsSync(outboxPath(server, model, 'with-options.jsonl.options.json')));
});

dropTest('reads the options of a folder', async () => {
  const target = { model: 'sst2-minilm', file: 'folder-options.jsonl' };
  await drop(server, { ...target, file: '_options.json' }, '{"topK":1}');
  await drop(server, target, threeRows);

  const lines = resultLines(await successOf(server, target));

  assert.ok(lines.every(({ scores }) => scores?.length === 1));
  assert.ok(!existsSync(outboxPath(server, target.model, '_options.json')));
});

for (const file of [
  'two words and  more.jsonl',
  'grüße-世界-🚆.jsonl',
  '100%25 a%2Fb%.jsonl',
  'hash#query?amp&plus+.jsonl',
  `${'n'.repeat(194)}.jsonl`,
]) {
  dropTest(`takes a file named ${file.slice(0, 40)}`, async () => {
    const target = { model, file };
    await drop(server, target, threeRows);

    assertEveryRowOnce(await successOf(server, target), 3);
  });
}

// Side by side: each waits 2 s for its file to stand still.
describe('the drop zone', { concurrency: 12 }, () => {
  for (const { name, run } of cases) test(name, run);
});
