import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { postJson } from '../fixtures/harness/http.ts';
import { completeJob, createJob, findJob, getJob, outcomeOf } from '../fixtures/harness/jobs.ts';
import {
  assertEveryRowOnce,
  drop,
  errorLines,
  failureOf,
  putObject,
  resultLines,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const model = 'tiny-text';
let server: Switchyard;

before(async () => {
  server = await startSwitchyard();
});

after(async () => {
  await server?.dispose();
});

const csvOf = (rows: number) =>
  `id,stars,text\r\n${Array.from({ length: rows }, (_, at) => `r${at},${at % 5},"text ""${at}"",\r\nline two"\r\n`).join('')}`;

async function answersOf(
  texts: readonly string[],
): Promise<readonly { label: string; score: number }[]> {
  const answer = await postJson(server.url, '/predict/batch', { model, texts });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ results: readonly { label: string; score: number }[] }>().results;
}

async function dropOptions(file: string, options: object): Promise<void> {
  await drop(server, { model, file: `${file}.options.json` }, JSON.stringify(options));
}

// Side by side: each drop waits 2 s for its file to stand still.
describe('formats', { concurrency: 8 }, () => {
  test('a CSV file gives the answers of its text column, with ids and joined columns', async () => {
    const target = { model, file: 'reviews.csv' };
    await dropOptions(target.file, { join: ['stars'] });
    await drop(server, target, csvOf(2_000));

    const outcome = await successOf(server, target);

    assertEveryRowOnce(outcome, 2_000);
    const lines = resultLines(outcome) as unknown as {
      id: string;
      label: string;
      score: number;
      input: object;
    }[];
    assert.ok(
      lines.every(
        ({ id, input }, at) => id === `r${at}` && JSON.stringify(input) === `{"stars":"${at % 5}"}`,
      ),
    );
    const [first] = await answersOf(['text "0",\r\nline two']);
    assert.deepEqual([lines[0]?.label, lines[0]?.score], [first?.label, first?.score]);
  });

  test('a compressed CSV file gives the bytes of the plain one', async () => {
    const content = csvOf(1_500);
    const plain = { model, file: 'same.csv' };
    const packed = { model, file: 'same.csv.gz' };
    await drop(server, plain, content);
    await drop(
      server,
      packed,
      Buffer.concat([gzipSync(content.slice(0, 1_000)), gzipSync(content.slice(1_000))]),
    );

    const [one, other] = await Promise.all([successOf(server, plain), successOf(server, packed)]);

    assertEveryRowOnce(one, 1_500);
    assert.ok(one.results.equals(other.results));
  });

  test('a TSV file with bad rows records them by line', async () => {
    const target = { model, file: 'bad.tsv' };
    await drop(
      server,
      target,
      'id\ttext\na\tgood\nb\nc\t"x"y\n\nd\t"two\nlines"\ne\tgood\textra\nf\t"open\n',
    );

    const outcome = await successOf(server, target);

    assertEveryRowOnce(outcome, 6);
    assert.deepEqual(
      errorLines(outcome).map(({ line, error }) => [line, error.code]),
      [
        [3, 'invalid_row'],
        [4, 'invalid_row'],
        [8, 'invalid_row'],
        [9, 'invalid_row'],
      ],
    );
    assert.match(errorLines(outcome).at(-1)?.error.detail ?? '', /line 9 is never closed/);
  });

  test('a CSV file without a text column fails and names its columns', async () => {
    const target = { model, file: 'columns.csv' };
    await drop(server, target, 'name,review\na,b\n');

    const problem = await failureOf(server, target);

    assert.equal(problem.code, 'invalid_request');
    assert.match(problem.detail, /"name", "review"/);
  });

  test('a truncated gzip fails the job and a misnamed one says so', async () => {
    const whole = gzipSync(`${'a wonderful film\n'.repeat(5_000)}`);
    const cut = { model, file: 'cut.txt.gz' };
    const misnamed = { model, file: 'misnamed.txt' };
    await drop(server, cut, whole.subarray(0, whole.length - 20));
    await drop(server, misnamed, whole);

    const problem = await failureOf(server, cut);
    assert.equal(problem.code, 'corrupt_object');
    assert.match(problem.detail, /cut\.txt\.gz cannot be decompressed to its end/);
    assert.match((await failureOf(server, misnamed)).detail, /rename it to misnamed\.txt\.gz/);
  });

  test('a gzip bomb fails the job and the cap is named', async () => {
    const target = { model, file: 'bomb.txt.gz' };
    await drop(server, target, gzipSync(Buffer.alloc(100_000_000, `${'x'.repeat(999)}\n`)));

    const problem = await failureOf(server, target);

    assert.equal(problem.code, 'payload_too_large');
    assert.match(problem.detail, /250 times.*67108864/);
  });

  test('OpenAI batch lines are answered in their own shape', async () => {
    const target = { model, file: 'batch.jsonl' };
    const line = (at: number, body: object) =>
      JSON.stringify({ custom_id: `c${at}`, method: 'POST', url: '/v1/classifications', body });
    const lines = [
      line(0, { input: 'a wonderful film' }),
      line(1, { model, text: 'dull' }),
      line(2, {}),
    ];
    await drop(server, target, lines.join('\n'));

    const outcome = await successOf(server, target);

    const { id } = await findJob(server, '/batch.jsonl');
    const results = outcome.results
      .toString()
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    const token = id.replace('job_', '');
    assert.deepEqual(
      results.map((each) => [each.id, each.custom_id, each.error]),
      [
        [`batch_req_${token}_0`, 'c0', null],
        [`batch_req_${token}_1`, 'c1', null],
      ],
    );
    const [first] = await answersOf(['a wonderful film']);
    assert.equal(results[0].response.status_code, 200);
    assert.equal(results[0].response.body.data[0].results[0].label, first?.label);
    const error = JSON.parse(outcome.errors.toString());
    assert.deepEqual(
      [error.custom_id, error.response, error.error.code],
      ['c2', null, 'invalid_row'],
    );
  });

  test('a prefix and a manifest make one job of several files', async () => {
    await putObject(server, 'data/in/a.txt', 'one\ntwo\n');
    await putObject(server, 'data/in/b c.csv', 'text\nthree\n""\n');
    await putObject(server, 'data/in/d.jsonl.gz', gzipSync('{"text":"four"}'));
    await putObject(server, 'data/in/_SUCCESS', '');
    await putObject(server, 'data/m.csv', 'local,data/in/d.jsonl.gz\nlocal,data/in/b+c.csv\n');

    const all = await createJob(server, { model, input: 's3://local/data/in/' });
    const some = await createJob(server, {
      model,
      input: 's3://local/data/m.csv',
      options: { manifest: true },
    });

    const outcome = await outcomeOf(server, await completeJob(server, all.id));
    assertEveryRowOnce(outcome, 5);
    const files = (lines: readonly object[]) =>
      lines.map((line) => (line as { file?: string }).file);
    assert.deepEqual(files(resultLines(outcome)), ['a.txt', 'a.txt', 'b c.csv', 'd.jsonl.gz']);
    const [error] = errorLines(outcome);
    assert.deepEqual([error?.index, error?.line, files(errorLines(outcome))], [3, 3, ['b c.csv']]);
    const listed = await outcomeOf(server, await completeJob(server, some.id));
    assert.deepEqual(files(resultLines(listed)), ['data/in/d.jsonl.gz', 'data/in/b c.csv']);
  });

  test('a prefix without files is answered at once', async () => {
    const answer = await postJson(server.url, '/jobs', { model, input: 's3://local/nothing/' });

    assert.equal(answer.status, 404);
    assert.equal(answer.json<{ code: string }>().code, 'object_not_found');
  });

  test('a dropped manifest is refused', async () => {
    const target = { model, file: 'list.csv' };
    await dropOptions(target.file, { manifest: true });
    await drop(server, target, 'local,data/in/a.txt\n');

    assert.match((await failureOf(server, target)).detail, /POST \/jobs/);
    const { id } = await findJob(server, '/list.csv');
    assert.equal((await getJob(server, id)).status, 'failed');
  });
});
