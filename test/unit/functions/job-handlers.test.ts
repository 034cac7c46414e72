import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '#core/contract/limits.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';

const film = 'a gripping, beautiful film';

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

test('the caller’s x-request-id makes no two requests one job, nor one row of the ledger', async (t) => {
  const recorded: string[] = [];
  const { call, jobs } = await handlerHarness(t, {
    recordRequest: ({ requestId }) => recorded.push(requestId),
  });
  const headers = { 'x-request-id': 'one-id-for-all' };

  const created = await call('createJob', { body: { items: [{ text: film }] }, headers });
  const answered = await call('predict', { body: { text: film }, headers });

  assert.equal(jobs.created[0]?.requestId, 'generated');
  assert.deepEqual(recorded, ['generated']);
  // It is what the caller sees all the same.
  assert.equal(created.headers?.['x-request-id'], 'one-id-for-all');
  assert.equal(bodyOf(answered).request_id, 'one-id-for-all');
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

test('a resume is answered 202 with the job', async (t) => {
  const { call } = await handlerHarness(t);
  await call('createJob', { body: { items: [{ text: film }] } });

  const answer = await call('resumeJob', { id: 'job-1' });

  assert.equal(answer.statusCode, 202);
  assert.equal(bodyOf(answer).resumes, 1);
  assert.equal((await call('resumeJob', { id: 'job-2' })).statusCode, 404);
});

test('partial results say that they are not complete, and only "true" asks for them', async (t) => {
  const { call, jobs } = await handlerHarness(t);
  await call('createJob', { body: { items: [{ text: film }] } });

  const partial = await call('getJobResults', { id: 'job-1', query: 'partial=true' });
  const wrong = await call('getJobResults', { id: 'job-1', query: 'partial=1' });
  jobs.finish({ key: 'bucket/out/results.jsonl', sizeBytes: 2 ** 30 });
  const whole = await call('getJobResults', { id: 'job-1', query: 'partial=true' });

  assert.equal(partial.statusCode, 200);
  assert.equal(partial.headers?.['x-switchyard-complete'], 'false');
  assert.equal(wrong.statusCode, 400);
  assert.equal(whole.statusCode, 303);
  assert.equal(whole.headers?.['x-switchyard-complete'], 'true');
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
