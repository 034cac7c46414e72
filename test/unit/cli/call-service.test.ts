import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { CliError } from '../../../cli/cli-error.ts';
import { callService } from '../../../cli/service/call-service.ts';
import { createServiceClient } from '../../../cli/service/service-client.ts';

async function listen(t: TestContext, onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(call: Promise<unknown>): Promise<CliError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CliError, `not a CliError: ${String(error)}`);
  return error;
}

test('a call is repeated once when its connection is reset', async (t) => {
  let requests = 0;
  const url = await listen(t, (request, response) => {
    requests += 1;
    if (requests === 1) request.socket.resetAndDestroy();
    else response.end('{}');
  });

  const response = await callService(url, { path: 'jobs', body: '{}' });

  assert.equal(response.status, 200);
  assert.equal(requests, 2);
});

test('a call is not repeated twice', async (t) => {
  let requests = 0;
  const url = await listen(t, (request) => {
    requests += 1;
    request.socket.resetAndDestroy();
  });

  const error = await failure(callService(url, { path: 'jobs' }));

  assert.deepEqual([error.exitCode, error.code, requests], [3, 'service_unreachable', 2]);
});

test('an answer that takes too long ends the call', async (t) => {
  let requests = 0;
  const url = await listen(t, () => {
    requests += 1;
  });

  const error = await failure(callService(url, { path: 'jobs', timeoutMillis: 100 }));

  assert.deepEqual([error.exitCode, error.code], [3, 'timed_out']);
  // None where the time was over before the request was out.
  assert.ok(requests <= 1, 'it is not repeated');
});

test('a refused call carries what the problem document says', async (t) => {
  const problem = { code: 'overloaded', detail: 'busy', request_id: 'r1', retryable: true };
  const url = await listen(t, (_, response) =>
    response.writeHead(503).end(JSON.stringify(problem)),
  );

  const error = await failure(callService(url, { path: 'jobs' }));

  const { exitCode, code, detail, requestId, isRetryable } = error;
  assert.deepEqual([exitCode, code, detail, requestId], [1, 'overloaded', 'busy', 'r1']);
  assert.equal(isRetryable, true);
});

test('another service at the address is told from Switchyard', async (t) => {
  const url = await listen(t, (request, response) => {
    response.writeHead(request.url === '/jobs/x' ? 502 : 200).end('<html>hello</html>');
  });
  const client = createServiceClient(url);

  const errors = [await failure(client.getJob('x')), await failure(client.getJob('y'))];

  assert.deepEqual(
    errors.map(({ code, exitCode }) => [code, exitCode]),
    [
      ['http_502', 1],
      ['unknown_answer', 1],
    ],
  );
  assert.ok(errors.every(({ remedy }) => remedy?.includes('--url')));
});

test('a path of the address stays in front of every route', async (t) => {
  const paths: (string | undefined)[] = [];
  const url = await listen(t, (request, response) => {
    paths.push(request.url);
    response.end('{"jobs":[],"next":null}');
  });

  await createServiceClient(`${url}/prod`).listJobs(5);

  assert.deepEqual(paths, ['/prod/jobs?limit=5']);
});

test('an output that is elsewhere is fetched from there', async (t) => {
  const paths: (string | undefined)[] = [];
  const url = await listen(t, (request, response) => {
    paths.push(request.url);
    if (request.url?.startsWith('/objects/') === true) response.end('{"index":0}\n');
    else response.writeHead(303, { location: '/objects/a?signature=b' }).end();
  });

  const client = createServiceClient(url);
  const { response } = await client.openOutput('job_1', 'errors', { partial: false });

  assert.equal(await response.text(), '{"index":0}\n');
  assert.deepEqual(paths, ['/jobs/job_1/errors', '/objects/a?signature=b']);
});

test('a key is sent to the service and never to the place it leads to', async (t) => {
  const seen: (readonly [path: string | undefined, key: string | undefined])[] = [];
  const url = await listen(t, (request, response) => {
    seen.push([request.url, request.headers.authorization]);
    if (request.url === '/elsewhere') response.end('{}');
    else response.writeHead(303, { location: '/elsewhere' }).end();
  });

  const client = createServiceClient(url, { key: 'swy_test' });
  await client.openOutput('job_1', 'results', { partial: false });

  assert.deepEqual(seen, [
    ['/jobs/job_1/results', 'Bearer swy_test'],
    ['/elsewhere', undefined],
  ]);
});
