import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowOrigin } from '../../../functions/aws/allow-origin.ts';

const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
const listed = ['https://a.example', 'https://b.example'];

function headersFor(origin: string | undefined, origins: readonly string[]) {
  const headers = origin === undefined ? {} : { Origin: origin };
  return allowOrigin({ headers, multiValueHeaders: {} }, answer, origins).headers ?? {};
}

test('a listed page may read the answer, by its own name', () => {
  const headers = headersFor('https://b.example', listed);

  assert.equal(headers['access-control-allow-origin'], 'https://b.example');
  assert.match(String(headers['access-control-expose-headers']), /x-request-id/);
  assert.equal(headers['vary'], 'origin');
  assert.equal(headers['content-type'], 'application/json');
});

test('another page may not, and a cache is told that it depends', () => {
  for (const origin of ['https://c.example', 'https://a.example.evil', undefined]) {
    const headers = headersFor(origin, listed);
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers['vary'], 'origin');
  }
});

test('without a list no answer says a word of it', () => {
  assert.deepEqual(headersFor('https://a.example', []), answer.headers);
});

test('a star on the list is every page', () => {
  assert.equal(
    headersFor('https://c.example', ['*'])['access-control-allow-origin'],
    'https://c.example',
  );
});
