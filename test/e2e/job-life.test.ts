import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { after, before, type TestContext, test } from 'node:test';
import { isTerminal, type JobView } from '#core/contract/job-view.ts';
import type { WebhookEvent } from '#core/contract/webhook-event.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import {
  completeJob,
  createJob,
  failedJob,
  getJob,
  outcomeOf,
  reachShare,
} from '../fixtures/harness/jobs.ts';
import { assertEveryRowOnce, digests, failureOf, putObject } from '../fixtures/harness/outbox.ts';
import { assertProblem } from '../fixtures/harness/problem.ts';
import { signalAll } from '../fixtures/harness/processes.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor, waitUntil } from '../fixtures/harness/wait-for.ts';
import { workersOfJob } from '../fixtures/life/workers-of-job.ts';
import { runCommand } from './run-cli.ts';

const model = 'tiny-text';
const rowCount = 4_000;
const content = toJsonl(generatedReviews(rowCount, 21));
/** So that a moment in the middle of a job can be met. */
const settings = { cellBytes: 8_192, env: { SWITCHYARD_SLOW_MILLIS_PER_CELL: '60' } };
let server: Switchyard;

before(async () => {
  server = await startSwitchyard(settings);
});

after(async () => {
  await server?.dispose();
});

async function cancelAt(id: string, share: number): Promise<JobView> {
  await reachShare(server, id, share);
  assert.equal((await send(server.url, `/jobs/${id}`, { method: 'DELETE' })).status, 200);
  return await waitFor(
    'the job is cancelled',
    async () => {
      const view = await getJob(server, id);
      if (!isTerminal(view.status)) return undefined;
      assert.deepEqual(workersOfJob(server, id), [], 'cancelled means that no worker of it runs');
      return view;
    },
    { deadlineMillis: 300_000 },
  );
}

test('6.3 #21 a cancelled job stops, keeps its work and is resumed to the same bytes', async (t) => {
  const seed = runSeed();
  const input = await putObject(server, 'uploads/life.jsonl', content);
  const calm = await completeJob(server, (await createJob(server, { model, input })).id);
  const expected = await outcomeOf(server, calm);
  const { id } = await createJob(server, { model, input });

  const start = performance.now();
  const cancelled = await cancelAt(id, 0.1 + 0.5 * seededRandom(seed).fraction());
  const stopMillis = performance.now() - start;

  assert.equal(cancelled.status, 'cancelled');
  const partial = await send(server.url, `/jobs/${id}/results`);
  assert.equal(partial.status, 200, partial.text);
  assert.equal(partial.headers['x-switchyard-complete'], 'false');
  assert.equal(partial.text.split('\n').length - 1, cancelled.counts.completed);
  const resumed = await postJson(server.url, `/jobs/${id}/resume`, {});
  assert.equal(resumed.status, 202, resumed.text);
  assert.equal(resumed.json<JobView>().resumes, 1);
  const completed = await completeJob(server, id);
  const outcome = await outcomeOf(server, completed);
  assertEveryRowOnce(outcome, rowCount);
  assert.deepEqual(digests(outcome), digests(expected));
  const whole = await send(server.url, `/jobs/${id}/results?partial=true`);
  assert.equal(whole.headers['x-switchyard-complete'], 'true');
  const again = await postJson(server.url, `/jobs/${id}/resume`, {});
  assertProblem(again, 'job_not_resumable');
  const usage = outcome.manifest['usage'] as { lost_seconds: number; attempts: number };
  assert.ok(usage.lost_seconds >= 0 && usage.attempts >= 2, JSON.stringify(usage));
  t.diagnostic(
    `seed ${seed}: cancelled at ${cancelled.counts.completed} of ${rowCount} rows, stopped after ${stopMillis.toFixed(0)} ms; lost ${usage.lost_seconds} s in ${usage.attempts} attempts`,
  );
});

test('partial results of a running job grow at their end only', async () => {
  const input = await putObject(server, 'uploads/growing.jsonl', content);
  const { id } = await createJob(server, { model, input });
  const read = async () => await send(server.url, `/jobs/${id}/results?partial=true`);
  const early = await waitFor('the first lines', async () => {
    const answer = await read();
    assert.equal(answer.status, 200, answer.text);
    return answer.text === '' ? undefined : answer;
  });
  assert.equal(early.headers['x-switchyard-complete'], 'false');
  assertProblem(await send(server.url, `/jobs/${id}/results`), 'job_not_finished');
  await reachShare(server, id, 0.5);
  const later = await read();

  await completeJob(server, id);

  const whole = await read();
  assert.equal(whole.headers['x-switchyard-complete'], 'true');
  assert.ok(later.text.startsWith(early.text) && whole.text.startsWith(later.text));
  assert.equal(JSON.parse(early.text.split('\n')[0] ?? '').index, 0);
  assert.equal((await send(server.url, `/jobs/${id}/results?partial=yes`)).status, 400);
});

test('invalid rows are shown with their lines, and fail the job that asks for it', async () => {
  const lines = ['{"text":"fine"}', '', '{"text":', '{"text":"good"}', '{"txt":"typo"}'];
  const input = await putObject(server, 'uploads/invalid.jsonl', lines.join('\n'));

  const recorded = await createJob(server, { model, input });
  const strict = await createJob(server, { model, input, options: { onInvalid: 'fail' } });

  const completed = await completeJob(server, recorded.id);
  const failed = await failedJob(server, strict.id);
  assert.deepEqual(completed.counts, { total: 4, completed: 2, failed: 2 });
  assert.equal(completed.validation?.errors, 2);
  assert.deepEqual(
    completed.validation.first.map(({ line, code }) => [line, code]),
    [
      [3, 'invalid_json'],
      [5, 'invalid_row'],
    ],
  );
  assert.equal(failed.error?.code, 'invalid_rows');
  assert.match(failed.error.detail, /line 3/);
  assert.deepEqual(failed.validation, completed.validation);
  const mark = await failureOf(server, { model, file: strict.id });
  assert.equal(mark.code, 'invalid_rows');
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startReceiver(t: TestContext, failures: number) {
  const received: Received[] = [];
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.statusCode = received.length < failures ? 500 : 204;
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => receiver.close());
  const address = receiver.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}/`, received };
}

test('a webhook outlives a failing receiver and a killed server; its signature can be checked', async (t) => {
  const { url, received } = await startReceiver(t, 1);
  const { id } = await createJob(server, {
    model,
    items: [{ text: 'fine' }],
    options: { webhook: url },
  });
  await completeJob(server, id);
  await waitUntil('the first try was made', () => received.length === 1);

  const { dataFolder } = server;
  await server.killTree();
  server = await startSwitchyard({ ...settings, dataFolder });
  await waitUntil('the second try was made', () => received.length >= 2);

  const shown = await runCommand(t, ['webhook-secret', '--data', dataFolder]);
  assert.equal(shown.exitCode, 0, shown.stderr);
  const key = Buffer.from(shown.stdout.trim().replace('whsec_', ''), 'base64');
  for (const { headers, body } of received) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', key).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${mac}`);
    const event: WebhookEvent = JSON.parse(body);
    assert.deepEqual(
      [event.type, event.job.id, event.job.status],
      ['job.completed', id, 'completed'],
    );
  }
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 1);
});

test('cancel, resume and reconcile work from the command line', async (t) => {
  const input = await putObject(server, 'uploads/cli-life.jsonl', content);
  const { id } = await createJob(server, { model, input });
  await reachShare(server, id, 0.05);
  const service = ['--url', server.url, '--json'];
  // The start of a command may take longer than the job.
  const workers = workersOfJob(server, id);
  signalAll(workers, 'SIGSTOP');
  t.after(() => signalAll(workers, 'SIGCONT'));

  const cancel = await runCommand(t, ['cancel', id, ...service]);
  signalAll(workers, 'SIGCONT');
  const reconcile = await runCommand(t, ['reconcile', ...service]);
  await waitUntil(
    'the job is cancelled',
    async () => (await getJob(server, id)).status === 'cancelled',
  );
  const url = ['--url', server.url];
  const results = await runCommand(t, ['results', id, ...url]);
  const partial = await runCommand(t, ['results', id, '--partial', ...url]);
  const resume = await runCommand(t, ['resume', id, ...service]);
  const completed = await completeJob(server, id);

  assert.equal(cancel.exitCode, 0, cancel.stderr);
  assert.match(JSON.parse(cancel.stdout).status, /^cancell/);
  assert.equal(reconcile.exitCode, 0, reconcile.stderr);
  assert.equal(JSON.parse(reconcile.stdout).troubled, 0);
  assert.equal(results.exitCode, 4, 'who did not ask for a part is told');
  assert.match(results.stderr, /not complete/);
  assert.equal(partial.exitCode, 0, partial.stderr);
  assert.equal(partial.stdout.length, results.stdout.length, `${results.stderr}; ${resume.stdout}`);
  assert.equal(partial.stdout, results.stdout);
  assert.match(results.stdout, /^\{"index":\d+,/);
  assert.equal(resume.exitCode, 0, resume.stderr);
  assert.deepEqual(completed.counts, { total: rowCount, completed: rowCount, failed: 0 });
  const refused = await runCommand(t, ['resume', id, ...service]);
  assert.equal(refused.exitCode, 1);
  const nowhere = await runCommand(t, ['webhook-secret', '--data', `${server.dataFolder}/none`]);
  assert.equal(nowhere.exitCode, 2, nowhere.stderr);
});
