import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isTerminal, type JobList, type JobView } from '#core/contract/job-view.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { type HttpAnswer, pathOf, postJson, send } from '../fixtures/harness/http.ts';
import { completeJob, createJob, getJob, outcomeOf, reachShare } from '../fixtures/harness/jobs.ts';
import { assertEveryRowOnce, putObject, resultLines } from '../fixtures/harness/outbox.ts';
import { assertProblem } from '../fixtures/harness/problem.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor, waitUntil } from '../fixtures/harness/wait-for.ts';

const model = 'tiny-text';
let server: Switchyard;

before(async () => {
  // Slow cells, so that a moment in the middle of a job can be met.
  server = await startSwitchyard({ env: { SWITCHYARD_SLOW_MILLIS_PER_CELL: '40' } });
});

after(async () => {
  await server?.dispose();
});

function itemsOf(count: number, seed: number): { id: string; text: string }[] {
  return generatedReviews(count, seed).map(({ text }, index) => ({ id: `i${index}`, text }));
}

test('POST /jobs answers 202 with the place of the job and when to look', async () => {
  const items = [...itemsOf(3, 1), { id: 'blank', text: ' ' }, { id: 7, text: 'fine' }];

  const answer = await postJson(server.url, '/jobs', { model, items });

  assert.equal(answer.status, 202, answer.text);
  const { id } = answer.json<JobView>();
  assert.equal(pathOf(server.url, answer.headers.location), `/jobs/${id}`);
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  const job = await completeJob(server, id);
  assert.deepEqual(job.counts, { total: 5, completed: 4, failed: 1 });
  assert.equal(job.input, 'inline');
  assert.equal(job.model, model);
  assert.ok(job.finished_at !== null && job.finished_at >= job.created_at);
  const outcome = await outcomeOf(server, job);
  assertEveryRowOnce(outcome, 5);
  assert.deepEqual(
    resultLines(outcome).map((line) => line.id),
    ['i0', 'i1', 'i2', 7],
  );
});

test('GET /jobs/{id} shows counts, bytes, rate and time left while the job runs', async () => {
  const input = await putObject(
    server,
    'uploads/progress.jsonl',
    toJsonl(generatedReviews(8_000, 2)),
  );
  const { id } = await createJob(server, { model, input });

  const job = await reachShare(server, id, 0.1);

  assert.equal(job.status, 'running');
  assert.equal(job.input, input);
  assert.equal(job.counts.total, 8_000);
  assert.ok(job.bytes.processed > 0 && job.bytes.processed <= job.bytes.total);
  assert.ok((job.rows_per_second ?? 0) > 0, JSON.stringify(job));
  assert.ok((job.eta_seconds ?? -1) >= 0, JSON.stringify(job));
  assertProblem(await send(server.url, `/jobs/${id}/results`), 'job_not_finished');
  await completeJob(server, id);
});

test('one Idempotency-Key is one job, however often and at once it is sent', async () => {
  const headers = { 'idempotency-key': 'once-and-only-once' };
  const body = { model, items: itemsOf(4, 3) };

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => postJson(server.url, '/jobs', body, headers)),
  );

  for (const { status, text } of answers) assert.equal(status, 202, text);
  assert.equal(new Set(answers.map((answer) => answer.json<JobView>().id)).size, 1);
  const late = await postJson(server.url, '/jobs', body, headers);
  assert.equal(late.json<JobView>().id, answers[0]?.json<JobView>().id);
});

test('an Idempotency-Key with another body is refused', async () => {
  const headers = { 'idempotency-key': 'spent' };
  assert.equal(
    (await postJson(server.url, '/jobs', { model, items: itemsOf(1, 4) }, headers)).status,
    202,
  );

  const answer = await postJson(server.url, '/jobs', { model, items: itemsOf(2, 4) }, headers);

  assertProblem(answer, 'idempotency_key_reused');
});

test('requests without a key are different jobs', async () => {
  const body = { model, items: itemsOf(1, 5) };

  const jobs = [await createJob(server, body), await createJob(server, body)];

  assert.notEqual(jobs[0]?.id, jobs[1]?.id);
});

test('GET /jobs gives every job once, newest first, page by page', async () => {
  const created: string[] = [];
  for (const seed of [6, 7, 8, 9, 10]) {
    created.push((await createJob(server, { model, items: itemsOf(1, seed) })).id);
  }

  const pages: JobList[] = [];
  for (let path: string | undefined = '/jobs?limit=2'; path !== undefined; ) {
    const answer: HttpAnswer = await send(server.url, path);
    assert.equal(answer.status, 200, answer.text);
    const page = answer.json<JobList>();
    assert.ok(page.jobs.length <= 2);
    pages.push(page);
    path = page.next === null ? undefined : `/jobs?limit=2&after=${encodeURIComponent(page.next)}`;
  }

  const ids = pages.flatMap((page) => page.jobs.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length, 'none twice');
  assert.deepEqual(ids.slice(0, 5), created.toReversed());
});

test('DELETE stops a job and keeps what is committed', async () => {
  const input = await putObject(
    server,
    'uploads/cancel.jsonl',
    toJsonl(generatedReviews(10_000, 12)),
  );
  const { id } = await createJob(server, { model, input });
  await reachShare(server, id, 0.1);

  const answer = await send(server.url, `/jobs/${id}`, { method: 'DELETE' });

  assert.ok([200, 202, 204].includes(answer.status), answer.text);
  const job = await waitFor('the job is cancelled', async () => {
    const view = await getJob(server, id);
    return isTerminal(view.status) ? view : undefined;
  });
  assert.equal(job.status, 'cancelled');
  await waitUntil('its workers end', () => server.workers().length === 0);
  const parts = partsOf(id);
  assert.ok(parts.length > 0, 'committed parts are kept');
  assert.ok(job.counts.completed >= 1_000 && job.counts.completed < 10_000, JSON.stringify(job));
  assert.deepEqual((await getJob(server, id)).counts, job.counts);
  assert.equal((await getJob(server, id)).status, 'cancelled');
  const again = await send(server.url, `/jobs/${id}`, { method: 'DELETE' });
  assert.ok(again.status < 500, `a second DELETE: ${again.text}`);
  // The pool is free again.
  await completeJob(server, (await createJob(server, { model, items: itemsOf(2, 13) })).id);
});

test('results up to 4 MiB come in the answer, errors too', async () => {
  const { id } = await createJob(server, { model, items: [...itemsOf(100, 14), { text: '' }] });
  const job = await completeJob(server, id);
  const outcome = await outcomeOf(server, job);

  const results = await send(server.url, `/jobs/${id}/results`);
  const errors = await send(server.url, `/jobs/${id}/errors`);

  assert.equal(results.status, 200);
  assert.match(results.headers['content-type'] ?? '', /ndjson|jsonl|json-?lines/);
  assert.deepEqual(results.body, outcome.results);
  assert.equal(errors.status, 200);
  assert.deepEqual(errors.body, outcome.errors);
});

test('results over 4 MiB are behind a link that holds for its own object alone', async () => {
  // Few rows with much to repeat: the size counts here, not the model's work.
  const rows = generatedReviews(45, 15);
  const content = rows.map(
    (row, at) => `${JSON.stringify({ id: `r${at}`, ...row, note: 'n'.repeat(100_000) })}\n`,
  );
  const input = await putObject(server, 'uploads/large.jsonl', content.join(''));
  const options = { join: ['note'] };
  const { id } = await createJob(server, { model, input, options });
  const outcome = await outcomeOf(server, await completeJob(server, id));
  assert.ok(outcome.results.length > 4_194_304, `${outcome.results.length} bytes`);

  const answer = await send(server.url, `/jobs/${id}/results`);

  assert.equal(answer.status, 303, answer.text);
  const link = pathOf(server.url, answer.headers.location);
  const linked = await send(server.url, link);
  assert.equal(linked.status, 200);
  assert.ok(linked.body.equals(outcome.results));
  for (const forged of forgeries(link)) {
    const { status, text } = await send(server.url, forged);
    assert.ok([400, 401, 403, 404].includes(status), `${forged}: ${status} ${text.slice(0, 200)}`);
  }
});

test('an unknown job is a 404 in every route, whatever its id looks like', async () => {
  const ids = [
    'no-such-job',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%00',
    'a'.repeat(3_000),
    '..%5c..',
    '*',
  ];
  for (const id of ids) {
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/results'],
      ['GET', '/errors'],
      ['DELETE', ''],
    ] as const) {
      const answer = await send(server.url, `/jobs/${id}${suffix}`, { method });
      assertProblem(answer, 'job_not_found', 'invalid_request', 'not_found');
    }
  }
  const escaped = await send(server.url, '/jobs/../../../../etc/passwd');
  assert.equal(escaped.status, 404, escaped.text);
});

/** The link without its query, with another value in every member, and for another object. */
function forgeries(link: string): readonly string[] {
  const [path = '', query = ''] = link.split('?');
  const changed = query.replace(/(?<==)[^&]/g, (first) => (first === '1' ? '2' : '1'));
  return [path, `${path}?${changed}`, `${path.replace('results', 'errors')}?${query}`];
}

function partsOf(id: string): readonly string[] {
  const folder = join(server.dataFolder, 'work/jobs', id, 'parts');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}
