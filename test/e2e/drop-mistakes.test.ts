import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { drop, failureOf, successOf } from '../fixtures/harness/outbox.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';

// What the owner of a dropped file is told, in the outbox and in the server's log.

const model = 'tiny-text';
const threeRows = toJsonl(generatedReviews(3, 21));
let server: Switchyard;

before(async () => {
  server = await startSwitchyard();
});

after(async () => {
  await server?.dispose();
});

// All at once: each waits until its file stood still.
describe('mistakes in the drop zone', { concurrency: 12 }, () => {
  test('fails a file with options that are not valid and says which', async () => {
    const target = { model, file: 'bad-options.jsonl' };
    await drop(server, { model, file: 'bad-options.jsonl.options.json' }, '{"topk":2}');
    await drop(server, target, threeRows);

    const problem = await failureOf(server, target);

    assert.match(problem.detail, /in bad-options\.jsonl\.options\.json/);
    assert.match(problem.detail, /topk: this field is not known; there are: format, topK/);
    assert.doesNotMatch(problem.detail, / {2}/);
  });

  test('names the options file that is no JSON', async () => {
    const target = { model, file: 'cut-options.jsonl' };
    await drop(server, { model, file: 'cut-options.jsonl.options.json' }, '{"topK":');
    await drop(server, target, threeRows);

    const problem = await failureOf(server, target);

    assert.match(problem.detail, /in cut-options\.jsonl\.options\.json .*malformed at position 8/);
  });

  test('says where a file belongs that lies in the inbox itself', async () => {
    const target = { model: '', file: 'lost.jsonl' };
    await drop(server, target, threeRows);

    const problem = await failureOf(server, target);

    assert.match(problem.detail, /move lost\.jsonl to inbox\/<model>\/lost\.jsonl/);
    await waitFor('a line of the log', () => logged('drop_misplaced')[0]);
  });

  test('logs one line for the start and one for the end of a job', async () => {
    const target = { model, file: 'logged.jsonl' };
    await drop(server, target, '{"text":"a gripping film"}\n{"text":""}\n');
    await successOf(server, target);

    const started = await waitFor('the start is logged', () =>
      logged('job_started').find(
        ({ input }) => input === 's3://local/inbox/tiny-text/logged.jsonl',
      ),
    );
    const ended = await waitFor('the end is logged', () =>
      logged('job_completed').find(({ job }) => job === started.job),
    );

    assert.deepEqual([ended.rows, ended.failed_rows], [2, 1]);
    assert.ok(Number(ended.seconds) > 0);
    assert.doesNotMatch(server.output(), /gripping/);
  });

  test('fails a file in the folder of an unknown model', async () => {
    const target = { model: 'no-such-model', file: 'rows.jsonl' };
    await drop(server, target, threeRows);

    const problem = await failureOf(server, target);

    assert.equal(problem.code, 'model_not_found');
    assert.match(problem.detail, /tiny-text/, 'the models that there are');
  });

  test('fails a file of an unsupported format and names those it reads', async () => {
    const target = { model, file: 'table.xlsx' };
    await drop(server, target, 'text\na wonderful film\n');

    const problem = await failureOf(server, target);

    assert.equal(problem.code, 'unsupported_format');
    assert.match(problem.detail, /jsonl/i);
    assert.match(problem.detail, /txt|lines/i);
  });
});

interface LogLine {
  readonly event?: string;
  readonly job?: string;
  readonly input?: string;
  readonly rows?: number;
  readonly failed_rows?: number;
  readonly seconds?: number;
}

function logged(event: string): readonly LogLine[] {
  const lines = server.output().split('\n');
  const whole = lines.filter((line) => line.startsWith('{') && line.endsWith('}'));
  return whole.map((line) => JSON.parse(line) as LogLine).filter((line) => line.event === event);
}
