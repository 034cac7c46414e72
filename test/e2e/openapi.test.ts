// Every route of a running server, its answers held against the document that it serves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobView } from '#core/contract/job-view.ts';
import type { OpenApiDocument } from '#core/openapi/openapi-document.ts';
import { type HttpAnswer, postJson, send } from '../fixtures/harness/http.ts';
import { completeJob, getJob } from '../fixtures/harness/jobs.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';
import { ApiChecker } from '../fixtures/openapi/api-checker.ts';

let server: Switchyard;
let api: ApiChecker;

before(async () => {
  server = await startSwitchyard({ workers: 1 });
  const answer = await send(server.url, '/openapi.json');
  api = new ApiChecker(answer.json<OpenApiDocument>());
  api.check('getOpenApi', answer);
});
after(() => server.dispose());

type Headers = Readonly<Record<string, string>>;

async function ask(operation: string, path: string, status: number): Promise<HttpAnswer> {
  return checked(operation, status, await send(server.url, path));
}

async function post(
  operation: string,
  [path, status]: readonly [string, number],
  body: unknown,
  headers: Headers = {},
): Promise<HttpAnswer> {
  return checked(operation, status, await postJson(server.url, path, body, headers));
}

function checked(operation: string, status: number, answer: HttpAnswer): HttpAnswer {
  assert.equal(answer.status, status, `${operation}: ${answer.text.slice(0, 300)}`);
  api.check(operation, answer);
  return answer;
}

const text = 'a gripping, beautiful film';
const many = Array.from({ length: 33 }, () => text);
const model = 'tiny-text';

test('answers to texts are as documented', async () => {
  await post('predict', ['/predict', 200], { text });
  await post('predict', ['/predict', 200], { text, topK: 2 }, { prefer: 'route=full' });
  await post('predict', ['/predict', 200], { text, model: 'minilm-embed' });
  await post('predict', ['/predict', 202], { text, model, lane: 'cpu-fleet' });
  await post('predictBatch', ['/predict/batch', 200], { texts: [text, '', 7], topK: 1 });
  const prefer = { prefer: 'respond-async' };
  await post('predictBatch', ['/predict/batch', 202], { texts: many, model }, prefer);
});

test('refusals of texts are as documented', async () => {
  for (const [operation, path, good] of [
    ['predict', '/predict', { text }],
    ['predictBatch', '/predict/batch', { texts: [text] }],
  ] as const) {
    await post(operation, [path, 400], {});
    await post(operation, [path, 400], { ...good, colour: 'red' });
    checked(operation, 400, await send(server.url, path, { body: '{"text": ' }));
    checked(operation, 400, await send(server.url, path, { body: Buffer.from([0x22, 0xff]) }));
    await post(operation, [path, 404], { ...good, model: 'none' });
    await post(operation, [path, 409], { ...good, lane: 'gpu-spot' });
    await post(operation, [path, 409], { ...good, maxUsd: 1e-12 });
    await post(operation, [path, 413], { ...good, filler: 'x'.repeat(4_194_305) });
    const key = { 'idempotency-key': `reused-${operation}` };
    await post(operation, [path, 202], { ...good, model, lane: 'cpu-fleet' }, key);
    await post(operation, [path, 422], { ...good, model, lane: 'cpu-fleet', topK: 1 }, key);
  }
  await post('predictBatch', ['/predict/batch', 413], { texts: many });
});

test('the life of a job is as documented', async () => {
  const items = [
    { text, id: 'r1' },
    { text: '', id: 2 },
  ];
  const key = { 'idempotency-key': 'one-job' };
  const accepted = await post('createJob', ['/jobs', 202], { model, items }, key);
  await post('createJob', ['/jobs', 202], { model, items }, key);
  const { id } = accepted.json<JobView>();
  await completeJob(server, id);
  await ask('getJob', `/jobs/${id}`, 200);
  await ask('listJobs', '/jobs?limit=1', 200);
  const results = await ask('getJobResults', `/jobs/${id}/results`, 200);
  const errors = await ask('getJobErrors', `/jobs/${id}/errors`, 200);
  api.assertValid('/components/schemas/ResultLine', JSON.parse(results.text), 'result line');
  api.assertValid('/components/schemas/ErrorLine', JSON.parse(errors.text), 'error line');
  const again = await send(server.url, `/jobs/${id}/resume`, { method: 'POST' });
  checked('resumeJob', 409, again);
});

test('a job that is stopped and goes on is as documented', async () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({ text: `${text} ${index}` }));
  const accepted = await post('createJob', ['/jobs', 202], { model: 'sst2-minilm', items });
  const { id } = accepted.json<JobView>();
  await ask('getJobResults', `/jobs/${id}/results`, 409);
  await ask('getJobErrors', `/jobs/${id}/errors`, 409);
  await ask('getJobResults', `/jobs/${id}/results?partial=true`, 200);
  checked('cancelJob', 200, await send(server.url, `/jobs/${id}`, { method: 'DELETE' }));
  const isCancelled = async () => (await getJob(server, id)).status === 'cancelled';
  await waitUntil('the job is cancelled', isCancelled);
  checked('resumeJob', 202, await send(server.url, `/jobs/${id}/resume`, { method: 'POST' }));
  checked('cancelJob', 200, await send(server.url, `/jobs/${id}`, { method: 'DELETE' }));
});

test('refusals around jobs are as documented', async () => {
  const items = [{ text }];
  await post('createJob', ['/jobs', 400], { model });
  await post('createJob', ['/jobs', 400], { model, input: 's3://local/file.doc' });
  await post('createJob', ['/jobs', 400], { model, input: 's3://local/../x.csv' });
  await post('createJob', ['/jobs', 404], { model: 'none', items });
  await post('createJob', ['/jobs', 404], { model, input: 's3://local/none.csv' });
  await post('createJob', ['/jobs', 409], { model, items, lane: 'gpu-spot' });
  await post('createJob', ['/jobs', 413], { model, items: Array(10_001).fill(items[0]) });
  const key = { 'idempotency-key': 'reused' };
  await post('createJob', ['/jobs', 202], { model, items }, key);
  await post('createJob', ['/jobs', 422], { model, items: [{ text: 'other' }] }, key);
  await post('createUpload', ['/uploads', 201], { filename: 'a.csv', bytes: 3 });
  await post('createUpload', ['/uploads', 400], { filename: '../a.csv', bytes: -1 });
  await ask('listJobs', '/jobs?limit=0', 400);
  await ask('getJobResults', '/jobs/none/results?partial=perhaps', 400);
  await ask('getJobErrors', '/jobs/none/errors?partial=perhaps', 400);
  for (const [operation, path, method] of [
    ['getJob', '/jobs/none', 'GET'],
    ['cancelJob', '/jobs/none', 'DELETE'],
    ['resumeJob', '/jobs/none/resume', 'POST'],
    ['getJobResults', '/jobs/none/results', 'GET'],
    ['getJobErrors', '/jobs/none/errors', 'GET'],
  ] as const) {
    checked(operation, 404, await send(server.url, path, { method }));
  }
});

test('explanations, quotes and costs are as documented', async () => {
  await post('explainRoute', ['/route:explain', 200], { text, deadlineMs: 500 });
  await post('explainRoute', ['/route:explain', 200], { items: 1e7, bytes: 1e9, deadlineMs: 1 });
  await post('createQuotes', ['/quotes', 200], { items: 100_000, bytes: 12_000_000 });
  await post('createQuotes', ['/quotes', 200], { texts: [text], deadlinesMs: [1], maxUsd: 1e-12 });
  for (const [operation, path] of [
    ['explainRoute', '/route:explain'],
    ['createQuotes', '/quotes'],
  ] as const) {
    await post(operation, [path, 400], { text, items: 3 });
    await post(operation, [path, 404], { text, model: 'none' });
    await post(operation, [path, 404], { text, stateId: `rs-${'0'.repeat(24)}` });
    await post(operation, [path, 409], { text, lane: 'gpu-spot' });
    await post(operation, [path, 413], { texts: Array(10_001).fill(text) });
  }
  await ask('getCosts', '/costs', 200);
  await ask('getCosts', '/costs?from=yesterday', 400);
});

test('what the service says of itself is as documented', async () => {
  await ask('listModels', '/models', 200);
  await ask('getLimits', '/limits', 200);
  await ask('getHealth', '/health', 200);
  await ask('getReady', '/ready', 200);
  const page = await ask('getDocs', '/docs', 200);
  assert.ok(page.text.includes(`${new URL(server.url).host}/predict`));
  for (const [path, method] of [
    ['/none', 'GET'],
    ['/predict', 'GET'],
  ] as const) {
    const answer = await send(server.url, path, { method });
    api.assertValid('/components/schemas/Problem', answer.json(), `${method} ${path}`);
  }
});

test('every documented status was provoked but those of load, keys and failures', () => {
  const provoked = [...api.seen];
  const elsewhere = new Set(['401', '403', '429', '500', '503', '504']);
  const missing = api.documented().filter((each) => {
    return !provoked.includes(each) && !elsewhere.has(each.slice(-3));
  });

  // Large results (send-job-part.test.ts) and an upload above 5 GiB, which its schema refuses.
  assert.deepEqual(missing.sort(), [
    'createUpload 413',
    'getCosts 404',
    'getJobErrors 303',
    'getJobResults 303',
  ]);
});
