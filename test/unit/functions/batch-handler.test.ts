import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, handlerHarness } from './handler-harness.ts';
import { positive, scriptedInference } from './scripted-inference.ts';

const film = 'a gripping, beautiful film';
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

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
