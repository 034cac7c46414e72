import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { readFindStateReply } from '#core/deployment/find-state-call.ts';
import { createKey, type DeployedApi, openApi } from '../fixtures/aws/deployed-api.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { runReconciler } from '../fixtures/aws/run-reconciler.ts';
import { send } from '../fixtures/harness/http.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

// The routes of models as `cdk deploy` made them: API Gateway, authorizer, function, ONNX Runtime.

let deployment: Deployment;
let api: DeployedApi;

before(async () => {
  deployment = await sharedDeployment();
  const { key } = await createKey(deployment);
  api = openApi(deployment, key);
});

const text = 'a gripping , beautiful film';

test('a deployed answer has the bytes of the local one but for times, ids, price and reason', async (t) => {
  const local = await startSwitchyard();
  t.after(() => local.dispose());
  const requests = [
    ['/predict', { text }],
    ['/predict', { text, topK: 2 }],
    ['/predict', { text: 'dull and far too long' }],
    ['/predict', { text: 'ein Füllsel — 映画 🎬', model: 'minilm-embed' }],
    ['/predict/batch', { texts: [text, 'dull', '', 'x'.repeat(6_000), 'a mess'] }],
    ['/predict/batch', { texts: Array.from({ length: 32 }, (_, n) => `film number ${n}`) }],
  ] as const;
  for (const [path, body] of requests) {
    const deployed = await api.post(path, body);
    const here = await send(local.url, path, { body: JSON.stringify(body) });

    assert.equal(deployed.status, 200, deployed.text);
    assert.equal(withoutOccasion(deployed.text), withoutOccasion(here.text));
  }
});

/** Blanks what no two answers share. */
function withoutOccasion(body: string): string {
  return (
    body
      .replace(/"processing_time_ms":[\d.]+/, '"processing_time_ms":0')
      .replace(/"request_id":"[^"]+"/, '"request_id":""')
      .replace(/"cost":\{[^}]*\}/, '"cost":{}')
      // Why this lane was the right one depends on the state of a router, of which each has its own.
      .replace(/"reason":"[^"]+"(,"stateId":"[^"]+")?/, '"reason":""')
  );
}

test('the state that an answer names explains it over HTTP, and quotes are given', async () => {
  const body = { text, deadlineMs: 20_000 };
  const answer = (await api.post('/predict', body)).json<{ route: { stateId: string } }>();
  const { stateId } = answer.route;
  assert.match(stateId, /^rs-[0-9a-f]{24}$/);

  const explained = await api.post('/route:explain', { ...body, stateId });
  assert.equal(explained.status, 200, explained.text);
  const { route } = explained.json<{ route: { lane: string; reason: string; stateId: string } }>();
  const { lane, reason } = route;
  assert.deepEqual({ lane, reason, stateId: route.stateId }, answer.route);

  // Asked of the jobs function, which looks into the work bucket.
  const unknown = { ...body, stateId: `rs-${'0'.repeat(24)}` };
  const missing = (await api.post('/route:explain', unknown)).json<{ code: string }>();
  assert.equal(missing.code, 'state_not_found');
  const quotes = await api.post('/quotes', { items: 100_000, bytes: 8_000_000 });
  assert.equal(quotes.status, 200, quotes.text);
});

test('the reconciler keeps the states for questions that come after another deployment', async () => {
  const { stateId } = (await api.post('/predict', { text })).json<{ route: { stateId: string } }>()
    .route;
  await runReconciler(deployment);
  const invoker = createLambdaFunctionInvoker({ endpoint: deployment.endpoint });
  const call = { kind: 'find-state', stateId };
  const reply = await invoker.call(deployment.outputs['JobsFunction'] ?? '', call);
  await invoker.close();
  assert.equal(readFindStateReply(reply)?.router.stateId, stateId);
});

test('models, limits, health and ready are what one machine says', async (t) => {
  const local = await startSwitchyard();
  t.after(() => local.dispose());
  for (const path of ['/limits', '/health', '/ready']) {
    const [deployed, here] = [await api.call(path), await send(local.url, path)];
    assert.equal(deployed.status, 200);
    assert.deepEqual(deployed.json(), here.json());
  }
  type Models = {
    readonly models: readonly { readonly name: string; readonly serving: unknown }[];
  };
  const names = ({ models }: Models) => models.map(({ name, serving }) => [name, serving]);
  const [deployed, here] = [await api.call('/models'), await send(local.url, '/models')];
  const ofTests = new Set(['tiny-text']);
  const expected = names(here.json<Models>()).filter(([name]) => !ofTests.has(String(name)));
  assert.deepEqual(names(deployed.json<Models>()), expected);
});

test('the document and its page need no key, and lead to the stage', async () => {
  const base = new URL(deployment.apiUrl).pathname;
  const open = (path: string) => send(deployment.endpoint, `${base}${path}`, { headers: anyType });

  const [answer, page] = [await open('/openapi.json'), await open('/docs')];

  assert.deepEqual([answer.status, page.status], [200, 200], answer.text.slice(0, 300));
  const document = answer.json<{ servers: unknown; security: unknown }>();
  // The path on API Gateway's own address; the emulator has another one before it.
  assert.deepEqual(document.servers, [{ url: `/${deployment.outputs['ApiStage']}` }]);
  assert.deepEqual(document.security, [{ key: [] }]);
  assert.match(page.text, /Authorization: Bearer \$SWITCHYARD_KEY/);
  assert.equal((await open('/limits')).status, 401);
});

/** Without it the emulator takes every answer for bytes in base64; AWS does not ask. */
const anyType = { accept: '*/*' };

test('a mistake is told as on one machine', async () => {
  const notUtf8 = Buffer.from([0x22, 0xff, 0x22]);
  // Without a type the emulator reads a body as text, and what is no text is lost.
  const json = { 'content-type': 'application/json' };
  const cases = [
    [await api.post('/predict', { text: '' }), 400, 'invalid_request'],
    [await api.post('/predict', { txt: 'a' }), 400, 'invalid_request'],
    [await api.call('/predict', { body: '{"text": "a' }), 400, 'invalid_request'],
    [await api.call('/predict', { body: notUtf8, headers: json }), 400, 'invalid_request'],
    [await api.post('/predict', { text, model: 'nothing' }), 404, 'model_not_found'],
    [await api.post('/predict/batch', { texts: Array(33).fill('a') }), 413, 'too_many_items'],
    [await api.call('/jobs/job_x'), 404, 'job_not_found'],
  ] as const;
  for (const [answer, status, code] of cases) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const problem = answer.json<{ code: string; request_id: string; error: { code: string } }>();
    assert.deepEqual([problem.code, problem.error.code], [code, code]);
    assert.equal(problem.request_id, answer.headers['x-request-id']);
  }
});

test('a body of 4 MiB is read and one byte more is refused with the limit', async () => {
  const limit = 4_194_304;
  const padded = (bytes: number) => `{"text": "a film"}`.padEnd(bytes, ' ');

  const largest = await api.call('/predict', { body: padded(limit) });
  const larger = await api.call('/predict', { body: padded(limit + 1) });

  assert.equal(largest.status, 200, largest.text.slice(0, 300));
  assert.equal(larger.status, 413);
  const problem = larger.json<{ code: string; limit_bytes: number }>();
  assert.deepEqual([problem.code, problem.limit_bytes], ['payload_too_large', limit]);
});

test('the content type does not matter and neither does the case of headers', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const curl = await api.call('/predict', { body: JSON.stringify({ text }), headers: form });
  const shouted = await api.call('/predict', {
    body: JSON.stringify({ text }),
    headers: { 'X-REQUEST-ID': 'mine-1' },
  });

  assert.equal(curl.status, 200, curl.text);
  assert.equal(shouted.headers['x-request-id'], 'mine-1');
});

test('a route that is not there is told as a problem', async () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['PUT', '/predict'],
  ] as const) {
    const answer = await api.call(path, { method });
    assert.equal(answer.status, 404, answer.text);
    assert.equal(answer.json<{ code: string }>().code, 'not_found');
  }
});

test('parallel requests are answered each with its own text', async () => {
  const texts = Array.from({ length: 4 }, (_, n) => (n % 2 === 0 ? text : 'dull , a mess'));
  const answers = await Promise.all(texts.map((each) => api.post('/predict', { text: each })));

  const labels = answers.map((answer) => answer.json<{ label: string }>().label);
  assert.deepEqual(
    labels,
    texts.map((each) => (each === text ? 'POSITIVE' : 'NEGATIVE')),
  );
});

test('an event of another kind fails the call and says why', async () => {
  const client = new LambdaClient({ endpoint: deployment.endpoint, region: 'us-east-1' });
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({
      FunctionName: deployment.outputs['InferenceFunction'],
      Payload: JSON.stringify({ version: '2.0', rawPath: '/predict' }),
    }),
  );
  client.destroy();

  assert.ok(FunctionError !== undefined);
  assert.match(Payload?.transformToString() ?? '', /REST events/);
});
