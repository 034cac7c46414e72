import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHeader, readHeaderLines } from '../../../functions/http-headers.ts';
import {
  fromProxyResult,
  type ReceivedRequest,
  toProxyEvent,
} from '../../../functions/local/api-gateway-event.ts';
import { matchRoute } from '../../../functions/local/match-route.ts';

const route = { path: '/predict', pathParameters: {} };
const token = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,12}$/);
const headerList = fc.array(
  fc.tuple(fc.oneof(token, fc.constant('__proto__')), fc.stringMatching(/^[ -~]{0,20}$/)),
);

function received(part: Partial<ReceivedRequest> = {}): ReceivedRequest {
  return {
    method: 'POST',
    path: '/predict',
    query: '',
    headers: [],
    body: new Uint8Array(),
    sourceIp: '127.0.0.1',
    requestId: 'r',
    receivedAtEpochMillis: 0,
    ...part,
  };
}

test('every byte of a body survives the way through the event', () => {
  const types = fc.constantFrom(
    undefined,
    'application/json',
    'text/plain; charset=utf-8',
    'application/octet-stream',
  );
  const bodies = fc.oneof(
    fc.uint8Array(),
    fc.constant(new TextEncoder().encode('\u{feff}{}')),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bodies, types, (body, type) => {
      const headers = type === undefined ? [] : [['Content-Type', type] as const];
      const event = toProxyEvent(received({ body, headers }), route);
      const back = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
      assert.deepEqual(new Uint8Array(back), body);
      if (type === 'application/octet-stream' && body.length > 0) assert.ok(event.isBase64Encoded);
    }),
  );
});

test('every header value is in the event in its order, the last one as the single value', () => {
  fc.assert(
    fc.property(headerList, (headers) => {
      const event = toProxyEvent(received({ headers }), route);
      for (const [name] of headers) {
        const lower = name.toLowerCase();
        const values = headers
          .filter(([other]) => other.toLowerCase() === lower)
          .map(([, value]) => value);
        assert.deepEqual(readHeaderLines(event, lower), values);
        assert.equal(readHeader(event, lower), values.at(-1));
      }
    }),
  );
});

test('every query value is in the event, decoded and in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
      const event = toProxyEvent(received({ query: new URLSearchParams(pairs).toString() }), route);
      const seen = new URLSearchParams(new URLSearchParams(pairs).toString());
      for (const name of seen.keys()) {
        const all = event.multiValueQueryStringParameters ?? {};
        assert.ok(Object.hasOwn(all, name));
        assert.deepEqual(all[name], seen.getAll(name));
        assert.equal(event.queryStringParameters?.[name], seen.getAll(name).at(-1));
      }
      if (pairs.length === 0) assert.equal(event.queryStringParameters, null);
    }),
  );
});

test('an answer keeps its bytes and every value of its headers', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(token, { maxLength: 3 }), (body, cookies) => {
      const answer = fromProxyResult({
        statusCode: 200,
        headers: { 'x-one': 1, 'Set-Cookie': 'hidden by the list' },
        multiValueHeaders: { 'set-cookie': cookies },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      });
      assert.deepEqual(new Uint8Array(answer.body), body);
      assert.deepEqual(answer.headers, [
        ['x-one', '1'],
        ...cookies.map((value) => ['set-cookie', value]),
      ]);
    }),
  );
});

const handler = async () => ({ statusCode: 200, body: '' });
const table = [
  { method: 'GET', path: '/jobs', handler },
  { method: 'GET', path: '/jobs/{id}', handler },
  { method: 'DELETE', path: '/jobs/{id}', handler },
];

test('a path parameter is one whole segment, decoded once', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (id) => {
      const path = `/jobs/${encodeURIComponent(id)}`;
      const { pathParameters } = matchRoute(table, { method: 'GET', path });
      assert.deepEqual(pathParameters, { id });
    }),
  );
});

test('a path outside the table is not found, whatever dots and slashes are in it', () => {
  for (const path of ['/', '', '*', '/jobs/', '/jobs//', '//jobs', '/jobs/a/../b', '/%6aobs']) {
    assert.throws(() => matchRoute(table, { method: 'GET', path }), { code: 'not_found' }, path);
  }
});

test('a broken percent escape stays a name that nothing has', () => {
  const { pathParameters } = matchRoute(table, { method: 'GET', path: '/jobs/%ff%' });

  assert.deepEqual(pathParameters, { id: '%ff%' });
});

test('a wrong method is told apart and lists the right ones', () => {
  assert.throws(
    () => matchRoute(table, { method: 'PUT', path: '/jobs/x' }),
    (error: { code?: string; members?: unknown }) => {
      assert.equal(error.code, 'method_not_allowed');
      assert.deepEqual(error.members, { allow: ['GET', 'DELETE', 'HEAD'] });
      return true;
    },
  );
  assert.equal(matchRoute(table, { method: 'HEAD', path: '/jobs' }).route.method, 'GET');
});
