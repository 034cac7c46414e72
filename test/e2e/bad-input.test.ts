import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { JobView } from '#core/contract/job-view.ts';
import type { PredictBatchResponse, PredictResponse } from '#core/contract/predict-answer.ts';
import type { ErrorCode } from '#core/error-codes.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { completeJob } from '../fixtures/harness/jobs.ts';
import { assertProblem } from '../fixtures/harness/problem.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const bodyLimit = 4_194_304;
const film = 'a gripping, beautiful film';
let server: Switchyard;

before(async () => {
  server = await startSwitchyard();
});

after(async () => {
  await server?.dispose();
});

afterEach(async () => {
  const answer = await postJson(server.url, '/predict', { text: film });
  assert.equal(answer.status, 200, 'the server answers the next request');
  assert.equal(answer.json<PredictResponse>().label, 'POSITIVE');
});

interface BadRequest {
  readonly what: string;
  readonly body: string | Buffer;
  readonly codes: readonly ErrorCode[];
}

const deep = 100_000;
const badRequests: readonly BadRequest[] = [
  bad('an empty text', { text: '' }),
  bad('a blank text', { text: ' \t\n\u00a0 ' }),
  bad('a text of 5,001 characters', { text: 'x'.repeat(5_001) }),
  bad('a number as text', { text: 5 }),
  bad('null as text', { text: null }),
  bad('no text', {}),
  bad('an unknown field', { text: film, txt: film }),
  bad('topK 0', { text: film, topK: 0 }),
  bad('an unknown lane', { text: film, lane: 'warp' }),
  bad('a list as body', [film]),
  bad('a string as body', film),
  bad('null as body', null),
  bad('an unknown model', { text: film, model: 'no-such-model' }, 'model_not_found'),
  bad(
    'a path as model',
    { text: film, model: '../../etc/passwd' },
    'invalid_request',
    'model_not_found',
  ),
  bad(
    'a prototype member as model',
    { text: film, model: '__proto__' },
    'invalid_request',
    'model_not_found',
  ),
  rawBad('malformed JSON', '{"text": "cut', 'invalid_request'),
  rawBad('no body', '', 'invalid_request'),
  rawBad('JSON nested 100,000 deep', '['.repeat(deep) + ']'.repeat(deep), 'invalid_request'),
  rawBad(
    'objects nested 100,000 deep',
    `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
    'invalid_request',
  ),
  rawBad('invalid UTF-8', Buffer.from('{"text":"caf\xe9 \xff"}', 'latin1'), 'invalid_request'),
  rawBad('a body of 7 MB', `{"text":"${'x'.repeat(7_000_000)}"}`, 'payload_too_large'),
  rawBad('a body one byte over the limit', sizedBody(bodyLimit + 1), 'payload_too_large'),
  // The size is fine, so the text is what is wrong.
  rawBad('a body of exactly the limit', sizedBody(bodyLimit), 'invalid_request'),
];

function bad(what: string, value: unknown, ...codes: readonly ErrorCode[]): BadRequest {
  const known: readonly ErrorCode[] = codes.length > 0 ? codes : ['invalid_request'];
  return { what, body: JSON.stringify(value), codes: known };
}

function rawBad(what: string, body: string | Buffer, ...codes: readonly ErrorCode[]): BadRequest {
  return { what, body, codes };
}

function sizedBody(bytes: number): string {
  return `{"text":"${'x'.repeat(bytes - '{"text":""}'.length)}"}`;
}

for (const { what, body, codes } of badRequests) {
  test(`POST /predict refuses ${what}`, async () => {
    const answer = await send(server.url, '/predict', { method: 'POST', body });

    const problem = assertProblem(answer, ...codes);
    assert.ok(!problem.detail.includes(film), 'the text is not repeated');
    assert.ok(!answer.text.includes('xxxxxxxx'), 'the text is not repeated');
    assert.ok(answer.body.length < 4_000, 'the answer is short');
  });
}

test('a refused body names the limit of its size', async () => {
  const answer = await send(server.url, '/predict', { body: sizedBody(7_000_000) });

  assert.match(answer.text, /4,?194,?304|4 MiB/);
});

test('a chunked body over the limit is refused too', async () => {
  const body = sizedBody(7_000_000);
  const headers = { 'transfer-encoding': 'chunked' };

  const answer = await send(server.url, '/predict', { body, headers });

  assertProblem(answer, 'payload_too_large');
});

test('a text of 5,000 characters is answered and says that it was cut', async () => {
  const answer = await postJson(server.url, '/predict', {
    text: 'ab '.repeat(1_667).slice(0, 5_000),
  });

  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json<PredictResponse>().truncated, true);
});

test('one bad text in a batch fails alone', async () => {
  const texts = [film, '', 7, 'x'.repeat(5_001), 'a dull, tedious film'];

  const answer = await postJson(server.url, '/predict/batch', { texts });

  assert.equal(answer.status, 200, answer.text);
  const { results } = answer.json<PredictBatchResponse>();
  assert.deepEqual(
    results.map(({ index }) => index),
    [0, 1, 2, 3, 4],
  );
  assert.deepEqual(
    results.map((result) => 'error' in result),
    [false, true, true, true, false],
  );
});

test('an empty batch is refused', async () => {
  assertProblem(await postJson(server.url, '/predict/batch', { texts: [] }), 'invalid_request');
});

test('32 texts are answered at once and 33 are refused with both remedies', async () => {
  const ask = (count: number) =>
    postJson(server.url, '/predict/batch', { texts: Array.from({ length: count }, () => film) });

  assert.equal((await ask(32)).status, 200);
  const problem = assertProblem(await ask(33), 'too_many_items');
  assert.match(problem.detail, /32/);
  assert.match(problem.detail, /respond-async/);
  assert.match(problem.detail, /lane/);
});

test('33 texts become a job for who prefers that, or names a lane', async () => {
  const texts = Array.from({ length: 33 }, (_, index) => (index === 5 ? ' ' : `${film} ${index}`));
  const answers = [
    await postJson(server.url, '/predict/batch', { texts }, { prefer: 'respond-async' }),
    await postJson(server.url, '/predict/batch', { texts, lane: 'cpu-fleet' }),
  ];

  for (const answer of answers) {
    assert.equal(answer.status, 202, answer.text);
    const { id } = answer.json<JobView>();
    assert.ok(answer.headers.location?.endsWith(`/jobs/${id}`), answer.headers.location);
    const job = await completeJob(server, id);
    assert.deepEqual(job.counts, { total: 33, completed: 32, failed: 1 });
  }
});

test('10,001 texts are refused even with Prefer', async () => {
  const texts = Array.from({ length: 10_001 }, () => 'x');

  const answer = await postJson(
    server.url,
    '/predict/batch',
    { texts },
    { prefer: 'respond-async' },
  );

  assertProblem(answer, 'invalid_request', 'too_many_items');
});

test('an unknown route and a wrong method are told apart', async () => {
  assertProblem(await send(server.url, '/no/such/route'), 'not_found');
  assertProblem(await send(server.url, '/predict'), 'method_not_allowed');
});

test('a request id of the caller comes back', async () => {
  const headers = { 'x-request-id': 'acceptance-0001' };

  const good = await postJson(server.url, '/predict', { text: film }, headers);
  const refused = await postJson(server.url, '/predict', { text: '' }, headers);

  for (const answer of [good, refused]) {
    assert.equal(answer.headers['x-request-id'], 'acceptance-0001');
    assert.equal(answer.json<{ request_id: string }>().request_id, 'acceptance-0001');
  }
});

test('paths that leave the API find nothing', async () => {
  for (const path of [
    '/../../../../etc/passwd',
    '/objects/..%2f..%2fsecret',
    '/%2e%2e/package.json',
  ]) {
    const answer = await send(server.url, path);
    assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
    assert.ok(!/root:|"scripts"/.test(answer.text), path);
  }
});

test('POST /jobs refuses what it cannot take', async () => {
  const refused: readonly (readonly [unknown, ErrorCode])[] = [
    [{}, 'invalid_request'],
    [{ items: [{ text: film }], input: 's3://local/x.jsonl' }, 'invalid_request'],
    [{ items: [{ text: film }], model: 'no-such-model' }, 'model_not_found'],
    [{ items: [{ text: film }], options: { topk: 1 } }, 'invalid_request'],
    [{ input: 's3://local/no/such/file.jsonl' }, 'object_not_found'],
  ];
  for (const [body, code] of refused)
    assertProblem(await postJson(server.url, '/jobs', body), code);
  for (const input of [
    's3://local/../../../etc/passwd.txt',
    'file:///etc/passwd.txt',
    's3://other/x.jsonl',
  ]) {
    const answer = await postJson(server.url, '/jobs', { input });
    assertProblem(answer, 'invalid_request', 'invalid_key', 'object_not_found', 'forbidden');
  }
});
