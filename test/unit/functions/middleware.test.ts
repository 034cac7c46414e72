import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIGatewayProxyResult } from 'aws-lambda';
import fc from 'fast-check';
import { defaultLimits } from '#core/contract/limits.ts';
import { errorCodes } from '#core/error-codes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { composeRoute, type RouteEvent, type RouteMiddleware } from '../../../functions/handler.ts';
import { toProxyEvent } from '../../../functions/local/api-gateway-event.ts';
import { lambdaContext } from '../../../functions/local/lambda-context.ts';
import { accessLog } from '../../../functions/middleware/access-log.ts';
import { problemResponse } from '../../../functions/middleware/problem-response.ts';
import { requestBody } from '../../../functions/middleware/request-body.ts';
import { requestId } from '../../../functions/middleware/request-id.ts';
import { standardMiddleware } from '../../../functions/middleware/standard-middleware.ts';

type Answer = (event: RouteEvent, signal: AbortSignal) => Promise<APIGatewayProxyResult>;
type Entry = Readonly<Record<string, unknown>>;

const ok: Answer = async () => ({ statusCode: 200, body: '{}' });
let now = 0;
const clock = {
  epochMillis: () => 0,
  monotonicMillis: () => now,
  sleep: async () => undefined,
};

function eventWith(headers: Readonly<Record<string, string>>, body = ''): RouteEvent {
  return toProxyEvent(
    {
      method: 'POST',
      path: '/predict',
      query: '',
      headers: Object.entries(headers),
      body: Buffer.from(body),
      sourceIp: '127.0.0.1',
      requestId: 'generated',
      receivedAtEpochMillis: 0,
    },
    { path: '/predict', pathParameters: {} },
  );
}

function run(middleware: readonly RouteMiddleware[], event: RouteEvent, answer: Answer = ok) {
  const { signal } = new AbortController();
  const context = lambdaContext({ requestId: 'generated', signal, clock });
  return composeRoute(middleware, answer)(event, context);
}

function fail(error: unknown): Answer {
  return () => Promise.reject(error);
}

test('requestId takes the id of the caller whatever the case of the header', async () => {
  const answer = await run([requestId()], eventWith({ 'X-Request-ID': 'abc-1.2_3' }));

  assert.equal(answer.headers?.['x-request-id'], 'abc-1.2_3');
});

test('requestId keeps its own id where the caller sends something else than a name', async () => {
  for (const bad of ['', 'a b', 'x'.repeat(129), '<script>', 'ä', 'a,b']) {
    const answer = await run([requestId()], eventWith({ 'x-request-id': bad }));
    assert.equal(answer.headers?.['x-request-id'], 'generated', bad);
  }
});

test('problemResponse answers every code with its status and a retry hint that fits', async () => {
  for (const [code, kind] of Object.entries(errorCodes)) {
    const error = new SwitchyardError(code as keyof typeof errorCodes, 'because', {
      retryAfterSeconds: 3,
    });
    const answer = await run([problemResponse(() => undefined)], eventWith({}), fail(error));
    assert.equal(answer.statusCode, kind.status);
    assert.equal(answer.headers?.['content-type'], 'application/problem+json');
    assert.equal(answer.headers?.['retry-after'], '3');
    const mayRepeat = kind.status === 409 || kind.status >= 500;
    const expected = mayRepeat && !kind.retryable ? 'false' : undefined;
    assert.equal(answer.headers?.['x-should-retry'], expected, code);
  }
});

test('problemResponse tells SDKs that repeat within seconds not to wait for next month', async () => {
  const error = new SwitchyardError('budget_exceeded', 'because', { retryAfterSeconds: 86_400 });
  const answer = await run([problemResponse(() => undefined)], eventWith({}), fail(error));

  assert.equal(answer.headers?.['retry-after'], '86400');
  assert.equal(answer.headers?.['x-should-retry'], 'false');
});

test('problemResponse hides a bug from the caller and logs it whole', async () => {
  const logged: Entry[] = [];
  const bug = new TypeError('password=hunter2', { cause: new Error('deeper') });

  const answer = await run(
    [problemResponse((entry) => logged.push(entry))],
    eventWith({}),
    fail(bug),
  );

  assert.equal(answer.statusCode, 500);
  assert.equal(JSON.parse(answer.body).code, 'internal');
  assert.ok(!answer.body.includes('hunter2'));
  assert.match(JSON.stringify(logged), /hunter2.*deeper/);
  assert.equal(logged[0]?.['request_id'], 'generated');
});

test('problemResponse survives whatever else can be thrown', async () => {
  for (const thrown of ['text', null, undefined, 0, { code: 'x' }, Symbol('s')]) {
    const answer = await run([problemResponse(() => undefined)], eventWith({}), fail(thrown));
    assert.equal(answer.statusCode, 500, String(thrown));
  }
});

test('accessLog writes one line with numbers and names, and no text', async () => {
  const logged: Entry[] = [];
  now = 100;
  const event = eventWith({ authorization: 'Bearer secret' }, '{"text":"secret"}');

  await run([accessLog({ log: (entry) => logged.push(entry), clock })], event, async (seen) => {
    now = 112.5;
    seen.notes = { model: 'm', items: 3 };
    return { statusCode: 207, body: 'secret' };
  });

  assert.deepEqual(logged, [
    {
      level: 'info',
      method: 'POST',
      path: '/predict',
      status: 207,
      millis: 12.5,
      request_id: 'generated',
      model: 'm',
      items: 3,
    },
  ]);
});

test('the caller’s id is shown and logged beside ours, and identifies nothing', async () => {
  const logged: Entry[] = [];
  const event = eventWith({ 'x-request-id': 'mine' });

  await run(standardMiddleware({ log: (entry: Entry) => logged.push(entry), clock }), event);

  assert.equal(event.requestContext.requestId, 'generated');
  assert.deepEqual([logged[0]?.['request_id'], logged[0]?.['own_id']], ['mine', 'generated']);
});

test('the standard middleware logs the status of a refusal and sends the id with it', async () => {
  const logged: Entry[] = [];
  const deps = { log: (entry: Entry) => logged.push(entry), clock };
  const error = new SwitchyardError('job_not_found', 'no such job');

  const answer = await run(
    standardMiddleware(deps),
    eventWith({ 'x-request-id': 'mine' }),
    fail(error),
  );

  assert.equal(answer.statusCode, 404);
  assert.equal(answer.headers?.['x-request-id'], 'mine');
  assert.equal(JSON.parse(answer.body).request_id, 'mine');
  assert.deepEqual(
    logged.map((entry) => [entry['status'], entry['request_id']]),
    [[404, 'mine']],
  );
});

test('requestBody reads the same JSON from a text and a base64 body, whatever the type', async () => {
  const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x/y'];
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(...types), async (value, type) => {
      const text = JSON.stringify(value);
      for (const isBase64Encoded of [false, true]) {
        const body = isBase64Encoded ? Buffer.from(text).toString('base64') : text;
        const event = { ...eventWith({ 'content-type': type }), body, isBase64Encoded };
        await run([requestBody(defaultLimits)], event);
        assert.deepEqual(event.json, JSON.parse(text));
      }
    }),
  );
});

test('requestBody takes a body of the limit and refuses one byte more, decoded', async () => {
  const limits = { ...defaultLimits, bodyBytes: 20 };
  const fits = JSON.stringify('x'.repeat(18));
  const over = JSON.stringify('x'.repeat(19));
  for (const isBase64Encoded of [false, true]) {
    const encode = (text: string) =>
      isBase64Encoded ? Buffer.from(text).toString('base64') : text;
    await run([requestBody(limits)], { ...eventWith({}), body: encode(fits), isBase64Encoded });
    const event = { ...eventWith({}), body: encode(over), isBase64Encoded };
    const problem = problemResponse(() => undefined);
    const answer = await run([problem, requestBody(limits)], event);
    assert.equal(answer.statusCode, 413);
    assert.partialDeepStrictEqual(JSON.parse(answer.body), {
      limit_bytes: 20,
      received_bytes: 21,
    });
  }
});

test('a route is told when the client leaves', async () => {
  const client = new AbortController();
  const context = lambdaContext({ requestId: 'r', signal: client.signal, clock });
  const route = composeRoute([], (_event, signal) => {
    client.abort(new Error('left'));
    return Promise.reject(signal.reason);
  });

  await assert.rejects(route(eventWith({}), context), /left/);
});

test('a route that takes longer than the invocation is answered 504 and aborted', async () => {
  let seen: AbortSignal | undefined;
  const context = {
    ...lambdaContext({ requestId: 'r', signal: new AbortController().signal, clock }),
    getRemainingTimeInMillis: () => 60,
  };
  const route = composeRoute([problemResponse(() => undefined)], (_event, signal) => {
    seen = signal;
    return new Promise(() => undefined);
  });

  const answer = await route(eventWith({}), context);

  assert.equal(answer.statusCode, 504);
  assert.equal(JSON.parse(answer.body).code, 'timed_out');
  assert.equal(seen?.aborted, true);
});
