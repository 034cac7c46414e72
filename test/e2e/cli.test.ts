import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { JobList, JobView } from '#core/contract/job-view.ts';
import { generatedReviews } from '../fixtures/harness/corpus.ts';
import { send } from '../fixtures/harness/http.ts';
import { getJob } from '../fixtures/harness/jobs.ts';
import {
  newDataFolder,
  type Switchyard,
  startSwitchyard,
} from '../fixtures/harness/start-switchyard.ts';
import { runCommand } from './run-cli.ts';

let server: Switchyard;
const seed = 20_260_101;

before(async () => {
  server = await startSwitchyard({ dataFolder: newDataFolder(), cellBytes: 131_072 });
});
after(() => server.dispose());

const run = (t: TestContext, args: readonly string[], input = '') =>
  runCommand(t, args, { env: { SWITCHYARD_URL: server.url }, input });

/** A file of reviews in the server's data folder, which the harness removes. */
async function reviewFile(name: string, rowCount: number, idLength = 0): Promise<string> {
  const rows = generatedReviews(rowCount, seed).map(({ text }, index) =>
    JSON.stringify({ text, id: `${index}`.padStart(idLength, '0') }),
  );
  const file = join(server.dataFolder, name);
  await writeFile(file, `${rows.join('\n')}\n`);
  return file;
}

const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));

test('predict prints label and score', async (t) => {
  const end = await run(t, ['predict', 'a gripping, beautiful film']);

  assert.deepEqual([end.exitCode, end.stderr], [0, '']);
  assert.match(end.stdout, /^POSITIVE 0\.\d{3}\n$/);
});

test('predict reads standard input and prints the whole answer as one JSON document', async (t) => {
  const args = ['predict', '-', '--top-k', '2', '--model', 'sst2-minilm', '--json'];

  const end = await run(t, args, 'a gripping, beautiful film\n');

  const direct = await send(server.url, '/predict', {
    body: JSON.stringify({ text: 'a gripping, beautiful film', topK: 2 }),
  });
  assert.equal(end.exitCode, 0, end.stderr);
  const document = JSON.parse(end.stdout);
  assert.deepEqual(document.scores, direct.json<typeof document>().scores);
  assert.equal(document.scores.length, 2);
});

test('a refusal ends with 1 and shows detail, code and request id', async (t) => {
  const [human, json] = await Promise.all([
    run(t, ['predict', 'x', '--model', 'none-such']),
    run(t, ['predict', 'x', '--model', 'none-such', '--json']),
  ]);

  assert.deepEqual([human.exitCode, human.stdout], [1, '']);
  assert.match(human.stderr, /no such model.*\(model_not_found, request [\w-]+\)/);
  assert.deepEqual([json.exitCode, json.stdout], [1, '']);
  assert.equal(JSON.parse(json.stderr).error.code, 'model_not_found');
});

test('wrong usage ends with 2 and nothing on standard output', async (t) => {
  const wrong = [
    ['predict'],
    ['predict', 'x', '--top-k', '0'],
    ['predict', 'x', '--url', 'nowhere'],
    ['submit', 'no-such-file.jsonl'],
    ['submit', 'package.json'],
    ['submit', 'cli', '--format', 'lines'],
    ['submit', 'README.md', '--format', 'none-such'],
    ['submit', 'README.md', '--format', 'lines', '--output', 'x'],
    ['guess'],
  ];
  const ends = await Promise.all(wrong.map((args) => run(t, args)));

  for (const [index, end] of ends.entries()) {
    const what = `${wrong[index]?.join(' ')}: ${end.stderr}`;
    assert.deepEqual([end.exitCode, end.stdout], [2, ''], what);
    assert.notEqual(end.stderr, '', what);
  }
});

test('--help names the exit codes of every command', async (t) => {
  const commands = [[], ['serve'], ['predict'], ['submit'], ['status'], ['results']];
  const ends = await Promise.all(commands.map((args) => run(t, [...args, '--help'])));

  for (const { exitCode, stdout } of ends) {
    assert.equal(exitCode, 0);
    assert.match(stdout, /130 {2}Ctrl-C while watching/);
  }
});

test('a service that cannot be reached ends with 3 and says what to do', async (t) => {
  const stopped = await startSwitchyard();
  await stopped.dispose();

  const end = await run(t, ['status', '--url', stopped.url]);

  assert.deepEqual([end.exitCode, end.stdout], [3, '']);
  assert.match(end.stderr, /ECONNREFUSED[\s\S]*switchyard serve/);
});

test('submit --watch writes the results of a small file, and a repeated submit is the same job', async (t) => {
  const file = await reviewFile('small.jsonl', 200);
  const output = join(server.dataFolder, 'small-results.jsonl');
  const model = ['--model', 'tiny-text'];

  const first = await run(t, ['submit', file, ...model, '--watch', '--output', output, '--json']);
  const again = await run(t, ['submit', file, ...model, '--json']);
  const anew = await run(t, ['submit', file, ...model, '--json', '--again']);

  assert.equal(first.exitCode, 0, first.stderr);
  const job: JobView = JSON.parse(first.stdout);
  assert.deepEqual([job.status, job.input], ['completed', 'inline']);
  assert.deepEqual(job.counts, { total: 200, completed: 200, failed: 0 });
  const lines = jsonLines(await readFile(output, 'utf8'));
  assert.deepEqual(
    lines.map(({ index, id }) => [index, id]),
    lines.map((_, index) => [index, `${index}`]),
  );
  assert.equal(JSON.parse(again.stdout).id, job.id);
  assert.match(again.stderr, /submitted before/);
  assert.notEqual(JSON.parse(anew.stdout).id, job.id);
});

test('status shows the table, one job, and both as JSON', async (t) => {
  const file = await reviewFile('status.jsonl', 3);
  const args = ['submit', file, '--model', 'tiny-text', '--watch', '--json'];
  const { id }: JobView = JSON.parse((await run(t, args)).stdout);

  const [table, one, listJson, oneJson, none] = await Promise.all([
    run(t, ['status']),
    run(t, ['status', id]),
    run(t, ['status', '--limit', '1', '--json']),
    run(t, ['status', id, '--json']),
    run(t, ['status', 'job_none']),
  ]);

  assert.match(table.stdout, new RegExp(`^JOB .*\n${id} +completed +tiny-text +3 +3 +0 `));
  assert.match(one.stdout, /rows +3 of 3 done, 0 errors/);
  const list: JobList = JSON.parse(listJson.stdout);
  assert.deepEqual(
    list.jobs.map((job) => job.id),
    [id],
  );
  assert.deepEqual(JSON.parse(oneJson.stdout), await getJob(server, id));
  assert.deepEqual([none.exitCode, none.stdout], [1, '']);
  assert.match(none.stderr, /job_not_found/);
});

test('a file with a bad row travels as a file, either way, and keeps its line numbers', async (t) => {
  const file = join(server.dataFolder, 'bad-row.jsonl');
  await writeFile(file, '\n{"text":"good"}\n{"text":\n{"text":"fine"}\n');
  const args = ['submit', file, '--model', 'tiny-text', '--watch', '--json'];

  for (const data of [join(server.dataFolder, 'bucket'), server.dataFolder]) {
    const end = await run(t, [...args, '--data', data]);

    assert.equal(end.exitCode, 0, end.stderr);
    const job: JobView = JSON.parse(end.stdout);
    assert.deepEqual(job.counts, { total: 3, completed: 2, failed: 1 });
    const errors = await run(t, ['results', job.id, '--errors', '--json']);
    assert.deepEqual(
      jsonLines(errors.stdout).map(({ index, line }) => [index, line]),
      [[1, 3]],
    );
  }
});

test('a file too large for a request goes through the data folder, its results over a link', async (t) => {
  const rowCount = 16_000;
  const file = await reviewFile('large.jsonl', rowCount, 240);
  const args = ['submit', file, '--model', 'tiny-text', '--watch', '--json'];

  const end = await run(t, [...args, '--data', server.dataFolder]);

  assert.equal(end.exitCode, 0, end.stderr);
  const job: JobView = JSON.parse(end.stdout);
  assert.match(job.input, /^s3:\/\/local\/uploads\/local\/[0-9a-f]{16}\/large\.jsonl$/);
  assert.equal((await send(server.url, `/jobs/${job.id}/results`)).status, 303);
  const { stdout } = await run(t, ['results', job.id]);
  assert.deepEqual(
    jsonLines(stdout).map(({ index }) => index),
    Array.from({ length: rowCount }, (_, index) => index),
  );
});

test('a file too large for a request is sent where no data folder is at hand, once', async (t) => {
  const file = await reviewFile('sent.jsonl', 16_000, 240);
  const args = ['submit', file, '--model', 'tiny-text', '--json', '--data', '/nowhere'];

  const [first, again] = [await run(t, args), await run(t, args)];

  assert.equal(first.exitCode, 0, first.stderr);
  const job: JobView = JSON.parse(first.stdout);
  assert.match(job.input, /^s3:\/\/local\/uploads\/local\/[0-9a-f]{16}\/sent\.jsonl$/);
  assert.equal(again.exitCode, 0, again.stderr);
  assert.equal(JSON.parse(again.stdout).id, job.id);
});

test('another server than that of the data folder is told, and the copy is taken back', async (t) => {
  const other = await startSwitchyard();
  t.after(() => other.dispose());
  const file = join(server.dataFolder, 'elsewhere.jsonl');
  await writeFile(file, '{"text":\n');

  const end = await run(t, ['submit', file, '--data', server.dataFolder, '--url', other.url]);

  assert.deepEqual([end.exitCode, end.stdout], [2, '']);
  assert.match(end.stderr, /wrong_data_folder/);
  const files = await readdir(server.dataFolder, { recursive: true });
  assert.ok(!files.some((name) => name.endsWith('-elsewhere.jsonl')));
});
