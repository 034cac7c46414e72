import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { waitUntil } from '../../fixtures/harness/wait-for.ts';
import { positive, scriptedInference } from './scripted-inference.ts';
import { serverHarness } from './server-harness.ts';

const film = JSON.stringify({ text: 'a gripping, beautiful film' });

test('the server answers JSON whatever its Content-Type says', async (t) => {
  const { send } = await serverHarness(t);
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'image/png'];
  for (const type of [undefined, ...types]) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await send('/predict', { body: film, headers });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).label, 'POSITIVE');
  }
});

test('the server tells an unknown path from a wrong method', async (t) => {
  const { send } = await serverHarness(t);

  const unknown = await send('/no/such', { headers: { 'x-request-id': 'mine' } });
  const wrong = await send('/predict', { method: 'DELETE' });

  assert.equal(unknown.status, 404);
  assert.equal(JSON.parse(unknown.text).code, 'not_found');
  assert.equal(unknown.headers['x-request-id'], 'mine');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, 'POST');
});

test('dots and encoded slashes in a path reach nothing', async (t) => {
  const { send } = await serverHarness(t);
  for (const path of [
    '/../../../../etc/passwd',
    '/jobs/..',
    '/jobs/..%2f..%2fetc%2fpasswd',
    '/jobs/%2e%2e/results',
    '/jobs/%00',
    '/jobs/%ff',
    '/objects/..%2f..%2fsecret',
  ]) {
    const answer = await send(path);
    assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status} ${answer.text}`);
  }
});

test('HEAD is answered like GET without the body', async (t) => {
  const { send } = await serverHarness(t);

  const get = await send('/limits');
  const head = await send('/limits', { method: 'HEAD' });

  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(head.headers['content-length'], get.headers['content-length']);
});

test('one connection serves request after request', async (t) => {
  const { send } = await serverHarness(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  let connections = 0;
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (...how) => {
    connections += 1;
    return createConnection(...how);
  };

  for (const body of [film, '{"text":', film]) await send('/predict', { body, agent });

  assert.equal(connections, 1);
});

test('a client that sends its headers or body too slowly is cut off', async (t) => {
  const { open, send } = await serverHarness(t, {
    // Long enough for the quick request at the end, on a busy machine too.
    server: { headersMillis: 1_000, requestMillis: 1_000 },
  });
  const slowHeaders = open();
  const slowBody = open();

  slowHeaders.socket.write('POST /predict HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  slowBody.socket.write(
    'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
  );

  await Promise.all([slowHeaders.closed, slowBody.closed]);
  assert.match(slowHeaders.received(), /^(HTTP\/1\.1 408 |$)/);
  assert.match(slowBody.received(), /^(HTTP\/1\.1 408 |$)/);
  assert.equal((await send('/predict', { body: film })).status, 200);
});

test('a client that leaves aborts its inference', async (t) => {
  const started = Promise.withResolvers<AbortSignal | undefined>();
  const inference = scriptedInference({
    predict: ({ signal }) => {
      started.resolve(signal);
      const { promise, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
  });
  const { open, logged } = await serverHarness(t, { deps: { inference } });
  const { socket } = open();
  socket.write(
    `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${film.length}\r\n\r\n${film}`,
  );
  const signal = await started.promise;

  socket.destroy();

  if (signal?.aborted === false) await once(signal, 'abort');
  await waitUntil('the log line', () => logged.some((entry) => entry['status'] === 499));
});

test('requests above the limit are refused with Retry-After, probes are not', async (t) => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const inference = scriptedInference({
    predict: async ({ texts }) => {
      started.resolve();
      await release.promise;
      return texts.map(positive);
    },
  });
  const { send } = await serverHarness(t, { deps: { inference }, server: { maxRequests: 1 } });
  const first = send('/predict', { body: film });
  await started.promise;

  const second = await send('/predict', { body: film });
  const probe = await send('/ready');
  release.resolve();

  assert.equal(second.status, 503);
  assert.equal(JSON.parse(second.text).code, 'overloaded');
  assert.equal(second.headers['retry-after'], '1');
  assert.equal(probe.status, 200);
  assert.equal((await first).status, 200);
  assert.equal((await send('/predict', { body: film })).status, 200);
});

test('closing the server lets a running answer finish and accepts nothing new', async (t) => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const inference = scriptedInference({
    predict: async ({ texts }) => {
      started.resolve();
      await release.promise;
      return texts.map(positive);
    },
  });
  const { send, server } = await serverHarness(t, {
    deps: { inference },
    server: { graceMillis: 30_000 },
  });
  const running = send('/predict', { body: film });
  await started.promise;

  const closed = server.close();
  await assert.rejects(send('/ready'), { code: 'ECONNREFUSED' });
  release.resolve();

  assert.equal((await running).status, 200);
  await closed;
});

test('closing the server breaks off what does not end within the grace', async (t) => {
  const started = Promise.withResolvers<void>();
  const inference = scriptedInference({
    predict: ({ signal }) => {
      started.resolve();
      const { promise, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
  });
  const { send, server } = await serverHarness(t, {
    deps: { inference },
    server: { graceMillis: 50 },
  });
  const running = send('/predict', { body: film });
  await started.promise;

  await Promise.all([assert.rejects(running), server.close()]);
});

test('a handler that rejects is answered as a bug, not with silence', async (t) => {
  const handler = () => Promise.reject(new TypeError('secret'));
  const broken = { method: 'GET', path: '/broken', handler };
  const { send, logged } = await serverHarness(t, { server: { extraRoutes: [broken] } });

  const answer = await send('/broken');

  assert.equal(answer.status, 500);
  assert.ok(!answer.text.includes('secret'));
  assert.match(JSON.stringify(logged), /secret/);
});
