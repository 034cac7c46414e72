import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';
import { scriptedInference } from './scripted-inference.ts';

const film = 'a gripping, beautiful film';

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

test('POST /predict is refused with 503 and Retry-After before the models are ready', async (t) => {
  const inference = scriptedInference({ reasons: ['sst2-minilm is loading'] });
  const { call, measured } = await handlerHarness(t, { inference });

  const answer = await call('predict', { body: { text: film } });
  const ready = await call('getReady');

  // Ours, so it counts as an error; the caller's mistakes above do not.
  assert.equal(measured.filter(({ name }) => name === 'infer_errors_total').length, 1);

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

test('models, limits and health say what they know', async (t) => {
  const inference = scriptedInference({ sickBecause: ['nothing moved for 12 s'] });
  const { call } = await handlerHarness(t, { inference });

  assert.equal(bodyOf(await call('listModels')).models[0].name, 'sst2-minilm');
  assert.equal(bodyOf(await call('getLimits')).inline_items, 32);
  const health = await call('getHealth');
  assert.equal(health.statusCode, 503);
  assert.deepEqual(bodyOf(health), { healthy: false, reasons: ['nothing moved for 12 s'] });
});
