import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { PredictResponse } from '#core/contract/predict-answer.ts';
import { assertWithin } from '../fixtures/harness/assert-within.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { createJob, reachShare } from '../fixtures/harness/jobs.ts';
import { putObject } from '../fixtures/harness/outbox.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

let server: Switchyard;

before(async () => {
  server = await startSwitchyard({ command: ['npm', 'start', '--silent'] });
});

after(async () => {
  await server?.dispose();
});

test('npm start is ready in under 5 s', async () => {
  console.log(`ready ${server.readyMillis.toFixed(0)} ms after npm start`);

  await assertWithin('npm start', { tookMillis: server.readyMillis, limitMillis: 5_000 });
});

test('POST /predict answers a plain curl, with the content type of a form', async () => {
  const answer = await send(server.url, '/predict', {
    body: '{"text":"a gripping, beautiful film"}',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  const body = answer.json<PredictResponse>();
  assert.equal(body.label, 'POSITIVE');
  assert.ok((body.score ?? 0) > 0.9 && (body.score ?? 2) <= 1, `score ${body.score}`);
  assert.equal(body.model, 'sst2-minilm');
  assert.equal(body.truncated, false);
  assert.equal(body.route.lane, 'cpu');
  assert.equal(body.usage.items, 1);
  for (const field of ['model_version', 'processing_time_ms', 'request_id', 'cost'] as const) {
    assert.ok(body[field] !== undefined, field);
  }
});

test('POST /predict returns both labels, best first, when topK is 2', async () => {
  const answer = await postJson(server.url, '/predict', { text: 'a dull, lifeless film', topK: 2 });

  const { label, score, scores } = answer.json<PredictResponse>();
  assert.equal(label, 'NEGATIVE');
  assert.deepEqual(
    scores?.map((entry) => entry.label),
    ['NEGATIVE', 'POSITIVE'],
  );
  assert.equal(scores?.[0]?.score, score);
});

test('GET /models, /limits, /health and /ready answer 200', async () => {
  for (const path of ['/models', '/limits', '/health', '/ready']) {
    const answer = await send(server.url, path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  }
});

test('GET /models lists both models of the project and why one has no GPU lane', async () => {
  const answer = await send(server.url, '/models');

  for (const name of ['sst2-minilm', 'minilm-embed']) assert.ok(answer.text.includes(name), name);
  const { models } = answer.json<{ models: { name: string; lanes: LaneState[] }[] }>();
  const embed = models.find(({ name }) => name === 'minilm-embed');
  const gpu = embed?.lanes.find(({ lane }) => lane === 'gpu-spot');
  assert.equal(gpu?.available, false);
  assert.ok((gpu?.reason ?? '').length > 10, 'the reason is given');
});

interface LaneState {
  readonly lane: string;
  readonly available: boolean;
  readonly reason?: string;
}

test('GET /limits shows the limits of the contract', async () => {
  const answer = await send(server.url, '/limits');

  for (const limit of ['4194304', '5000', '10000', '1048576']) {
    assert.ok(answer.text.includes(limit), `${limit} in ${answer.text}`);
  }
});

test('the server listens on 127.0.0.1 only', () => {
  const port = Number(new URL(server.url).port).toString(16).toUpperCase().padStart(4, '0');
  const listening = '0A';

  const addresses = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[1]?.endsWith(`:${port}`) && row[3] === listening)
      .map((row) => row[1]),
  );

  assert.deepEqual(addresses, [`0100007F:${port}`]);
});

// Last: it ends the server that the tests above share.
test('SIGTERM to npm start ends everything within 10 s while a job runs', async () => {
  const reviews = toJsonl(generatedReviews(4_000, 3));
  const input = await putObject(server, 'uploads/long.jsonl', reviews);
  const { id } = await createJob(server, { model: 'sst2-minilm', input });
  await reachShare(server, id, 0.02);
  assert.ok(server.workers().length > 0, 'worker processes run');

  const stoppedMillis = await server.stop();

  console.log(`everything ended ${stoppedMillis.toFixed(0)} ms after SIGTERM`);
});

test('SIGTERM ends a server without work', async () => {
  const direct = await startSwitchyard();
  try {
    await direct.stop();
  } finally {
    await direct.dispose();
  }
});
