import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '#core/contract/limits.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';
import { positive, scriptedInference } from './scripted-inference.ts';

const film = 'a gripping, beautiful film';
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

test('POST /predict answers with every field of the contract', async (t) => {
  const { call } = await handlerHarness(t);

  const answer = await call('predict', { body: { text: film, topK: 2 } });

  assert.equal(answer.statusCode, 200);
  const { processing_time_ms: millis, ...body } = bodyOf(answer);
  assert.equal(typeof millis, 'number');
  assert.deepEqual(body, {
    label: 'POSITIVE',
    score: 0.9,
    scores: [
      { label: 'POSITIVE', score: 0.9 },
      { label: 'NEGATIVE', score: 0.1 },
    ],
    truncated: false,
    model: 'sst2-minilm',
    model_version: '1',
    request_id: 'generated',
    route: { lane: 'cpu', reason: 'up to 32 items are answered inline' },
    usage: { items: 1, tokens: 3 },
    cost: { usd: 0, basis: 'this machine' },
  });
});

test('POST /predict counts and times requests, and splits by models that exist only', async (t) => {
  const { call, measured } = await handlerHarness(t);

  await call('predict', { body: { text: film } });
  await call('predict', { body: { text: film, model: 'made-up' } });

  assert.deepEqual(
    measured.map(({ name, model }) => [name, model]),
    [
      ['infer_requests_total', 'sst2-minilm'],
      ['infer_items_total', 'sst2-minilm'],
      ['infer_request_duration_seconds', 'sst2-minilm'],
      ['infer_requests_total', undefined],
      ['infer_items_total', undefined],
      ['infer_request_duration_seconds', undefined],
    ],
  );
});

test('no handler logs a text', async (t) => {
  const { call, logged } = await handlerHarness(t);

  await call('predict', { body: { text: film } });
  await call('predict', { body: { text: film, model: '../../etc/passwd' } });
  await call('predictBatch', { body: { texts: [film, 5] } });
  await call('createJob', { body: { items: [{ text: film }] } });

  assert.equal(logged.length, 4);
  assert.ok(!JSON.stringify(logged).includes('gripping'));
  assert.ok(!JSON.stringify(logged).includes('etc'));
});

test('POST /predict in another lane becomes a job that keeps every option', async (t) => {
  const { call, jobs } = await handlerHarness(t);
  const body = { text: film, topK: 1, lane: 'gpu-spot', deadlineMs: 9_000 };

  const answer = await call('predict', { body, headers: { 'Idempotency-Key': '"once"' } });

  assert.equal(answer.statusCode, 202);
  assert.equal(answer.headers?.['location'], '/jobs/job-once');
  assert.match(String(answer.headers?.['retry-after']), /^\d+$/);
  assert.deepEqual(jobs.created, [
    {
      tenant: 'local',
      requestId: 'generated',
      idempotencyKey: 'once',
      body: {
        model: 'sst2-minilm',
        items: [{ text: film }],
        options: { topK: 1 },
        deadlineMs: 9_000,
        lane: 'gpu-spot',
      },
    },
  ]);
});

test('a Location carries the stage in front of the path', async (t) => {
  const { call } = await handlerHarness(t);

  const answer = await call('createJob', { body: { items: [{ text: film }] }, stage: '/prod' });

  assert.equal(answer.headers?.['location'], '/prod/jobs/job-1');
});

test('the same Idempotency-Key is answered 202 with the same job and says so', async (t) => {
  const { call } = await handlerHarness(t);
  const request = { body: { items: [{ text: film }] }, headers: { 'idempotency-key': 'k' } };

  const first = await call('createJob', request);
  const second = await call('createJob', request);

  assert.equal(second.statusCode, 202);
  assert.deepEqual(bodyOf(second), bodyOf(first));
  assert.equal(first.headers?.['idempotency-replayed'], undefined);
  assert.equal(second.headers?.['idempotency-replayed'], 'true');
});

test('POST /predict is refused with 503 and Retry-After before the models are ready', async (t) => {
  const inference = scriptedInference({ reasons: ['sst2-minilm is loading'] });
  const { call } = await handlerHarness(t, { inference });

  const answer = await call('predict', { body: { text: film } });
  const ready = await call('getReady');

  assert.equal(answer.statusCode, 503);
  assert.equal(bodyOf(answer).code, 'not_ready');
  assert.equal(answer.headers?.['retry-after'], '1');
  assert.equal(ready.statusCode, 503);
  assert.deepEqual(bodyOf(ready), { ready: false, reasons: ['sst2-minilm is loading'] });
});

test('POST /predict passes on that the queue is full', async (t) => {
  const overloaded = new SwitchyardError('overloaded', 'queue', { retryAfterSeconds: 4 });
  const inference = scriptedInference({ predict: () => Promise.reject(overloaded) });
  const { call } = await handlerHarness(t, { inference });

  const answer = await call('predict', { body: { text: film } });

  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers?.['retry-after'], '4');
  assert.equal(answer.headers?.['x-should-retry'], undefined);
});

test('POST /predict gives up at its deadline', async (t) => {
  const inference = scriptedInference({
    predict: ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
  });
  const { call } = await handlerHarness(t, { inference });

  const answer = await call('predict', { body: { text: film, deadlineMs: 20 } });

  assert.equal(answer.statusCode, 409);
  assert.equal(bodyOf(answer).code, 'deadline_infeasible');
  assert.equal(answer.headers?.['x-should-retry'], 'false');
});

test('POST /predict answers 422 for a text that the model cannot read', async (t) => {
  const error = { code: 'unprocessable_input', detail: 'no token' };
  const inference = scriptedInference({ predict: async () => [{ ok: false, error }] });
  const { call } = await handlerHarness(t, { inference });

  const answer = await call('predict', { body: { text: film } });

  assert.equal(answer.statusCode, 422);
});

test('POST /predict/batch answers good texts beside bad ones', async (t) => {
  const { call } = await handlerHarness(t);

  const answer = await call('predictBatch', { body: { texts: [film, ' ', 7, 'dull'] } });

  assert.equal(answer.statusCode, 200);
  const { results, usage } = bodyOf(answer);
  assert.deepEqual(
    results.map((result: { error?: { code: string }; label?: string }) => [
      result.label,
      result.error?.code,
    ]),
    [
      ['POSITIVE', undefined],
      [undefined, 'invalid_request'],
      [undefined, 'invalid_request'],
      ['POSITIVE', undefined],
    ],
  );
  assert.deepEqual(usage, { items: 2, tokens: 6 });
});

test('POST /predict/batch with bad texts only is answered without the model', async (t) => {
  const { call } = await handlerHarness(t);

  const answer = await call('predictBatch', { body: { texts: ['', null] } });

  assert.equal(answer.statusCode, 200);
  assert.equal(bodyOf(answer).results.length, 2);
});

test('POST /predict/batch keeps the model errors of single items', async (t) => {
  const error = { code: 'unprocessable_input', detail: 'no token' };
  const inference = scriptedInference({
    predict: async ({ texts: given }) =>
      given.map((text) => (text === 'text 1' ? { ok: false, error } : positive(text))),
  });
  const { call } = await handlerHarness(t, { inference });

  const answer = await call('predictBatch', { body: { texts: texts(3) } });

  assert.deepEqual(bodyOf(answer).results[1], { index: 1, error });
  assert.equal(bodyOf(answer).usage.items, 2);
});

test('POST /predict/batch of 33 texts is a job for who prefers one, else 413', async (t) => {
  const { call, jobs } = await handlerHarness(t);
  const body = { texts: [...texts(32), 5] };

  const refused = await call('predictBatch', { body });
  const preferred = await call('predictBatch', {
    body,
    headers: { Prefer: 'wait=5, Respond-Async' },
  });
  const named = await call('predictBatch', { body: { ...body, lane: 'cpu-fleet' } });

  assert.equal(refused.statusCode, 413);
  assert.equal(bodyOf(refused).limit_items, 32);
  assert.equal(preferred.statusCode, 202);
  assert.equal(preferred.headers?.['preference-applied'], 'respond-async');
  assert.equal(named.statusCode, 202);
  assert.equal(named.headers?.['preference-applied'], undefined);
  assert.deepEqual(jobs.created[0]?.body.items?.at(-1), { text: 5 });
});

test('more than 10,000 items are 413 on both routes', async (t) => {
  const { call } = await handlerHarness(t);
  const headers = { prefer: 'respond-async' };

  const batch = await call('predictBatch', { body: { texts: texts(10_001) }, headers });
  const items = Array.from({ length: 10_001 }, () => ({ text: 'x' }));
  const job = await call('createJob', { body: { items } });

  assert.equal(batch.statusCode, 413);
  assert.equal(job.statusCode, 413);
  assert.equal(bodyOf(job).limit_items, 10_000);
});

test('job routes refuse an id that is none before the service sees it', async (t) => {
  const { call } = await handlerHarness(t);
  for (const id of ['..', '../../x', 'a/b', 'a b', 'x'.repeat(129), '%2e%2e', '\u0000']) {
    for (const operation of ['getJob', 'cancelJob', 'getJobResults', 'getJobErrors'] as const) {
      const answer = await call(operation, { id });
      assert.equal(answer.statusCode, 404, id);
      assert.equal(bodyOf(answer).code, 'job_not_found');
    }
  }
});

test('a job can be read, listed and cancelled', async (t) => {
  const { call } = await handlerHarness(t);
  await call('createJob', { body: { items: [{ text: film }] } });

  assert.equal(bodyOf(await call('getJob', { id: 'job-1' })).status, 'queued');
  assert.equal(bodyOf(await call('listJobs', { query: 'limit=5' })).jobs.length, 1);
  assert.equal(bodyOf(await call('cancelJob', { id: 'job-1' })).status, 'cancelling');
  assert.equal((await call('listJobs', { query: 'limit=0' })).statusCode, 400);
  assert.equal((await call('listJobs', { query: 'limt=5' })).statusCode, 400);
});

test('results come as they are up to the limit, and as a link above it', async (t) => {
  const limits = { ...defaultLimits, resultBytes: 12 };
  const { call, jobs, deps } = await handlerHarness(t, { limits });
  await call('createJob', { body: { items: [{ text: film }] } });
  const lines = '{"index":0}\n';
  await deps.objectStore.put('bucket/out/results.jsonl', Buffer.from(lines));

  const early = await call('getJobResults', { id: 'job-1' });
  jobs.finish({ key: 'bucket/out/results.jsonl', sizeBytes: 12 });
  const small = await call('getJobResults', { id: 'job-1' });
  jobs.finish({ key: 'bucket/out/results.jsonl', sizeBytes: 13 });
  const large = await call('getJobErrors', { id: 'job-1' });

  assert.equal(early.statusCode, 409);
  assert.equal(early.headers?.['retry-after'], '2');
  assert.equal(small.statusCode, 200);
  assert.equal(small.body, lines);
  assert.equal(small.headers?.['content-type'], 'application/jsonl');
  assert.equal(large.statusCode, 303);
  assert.match(String(large.headers?.['location']), /\/objects\/bucket\/out\/results\.jsonl\?/);
});

test('models, limits and health say what they know', async (t) => {
  const inference = scriptedInference({ sickBecause: ['nothing moved for 12 s'] });
  const { call } = await handlerHarness(t, { inference });

  assert.equal(bodyOf(await call('listModels')).models[0].name, 'sst2-minilm');
  assert.equal(bodyOf(await call('getLimits')).inline_items, 32);
  const health = await call('getHealth');
  assert.equal(health.statusCode, 503);
  assert.deepEqual(bodyOf(health), { healthy: false, reasons: ['nothing moved for 12 s'] });
});
