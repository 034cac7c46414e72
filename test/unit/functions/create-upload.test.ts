import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, handlerHarness } from './handler-harness.ts';

test('an upload is answered with its link, its input and its end', async (t) => {
  const { call } = await handlerHarness(t, {
    clock: {
      epochMillis: () => Date.parse('2026-03-01T00:00:00Z'),
      monotonicMillis: () => performance.now(),
      sleep: async () => undefined,
    },
  });

  const answer = await call('createUpload', { body: { filename: 'a.csv', bytes: 12 } });

  assert.equal(answer.statusCode, 201);
  assert.deepEqual(bodyOf(answer), {
    method: 'PUT',
    url: 'http://localhost/objects/bucket/uploads/local/1/a.csv?signature=x',
    headers: { 'content-length': '12' },
    expires_at: '2026-03-01T00:15:00.000Z',
    input: 's3://local/uploads/local/1/a.csv',
  });
});

test('names that are paths, sizes beyond the limit and odd hashes are refused', async (t) => {
  const { call } = await handlerHarness(t);
  const wrong = [
    { filename: '../a.csv', bytes: 1 },
    { filename: 'a/b.csv', bytes: 1 },
    { filename: '.hidden', bytes: 1 },
    { filename: '', bytes: 1 },
    { filename: 'a.csv', bytes: -1 },
    { filename: 'a.csv', bytes: 5_368_709_121 },
    { filename: 'a.csv', bytes: 1.5 },
    { filename: 'a.csv', bytes: 1, sha256: 'abc' },
    { filename: 'a.csv' },
  ];
  for (const body of wrong) {
    const answer = await call('createUpload', { body });
    assert.equal(answer.statusCode, 400, JSON.stringify(body));
  }
});
