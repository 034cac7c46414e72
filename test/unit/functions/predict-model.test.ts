import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#adapters/local/system-clock.ts';
import type { PredictBatchResponse, PredictResponse } from '#core/contract/predict-answer.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import { waitUntil } from '../../fixtures/harness/wait-for.ts';
import { serverHarness } from './server-harness.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const film = 'a gripping, beautiful film';
let inference: InferenceService;

before(async () => {
  const models = fileURLToPath(new URL('../../../models', import.meta.url));
  const catalogue = await openModelCatalogue({ folders: [models] });
  inference = openInferenceService({ catalogue, sessionWorkers: 1, clock: systemClock });
  await waitUntil('the models are ready', () => inference.readiness().ready, {
    explain: () => inference.readiness().reasons.join('; '),
  });
});

after(() => inference?.close());

test('the default model answers over HTTP, alone and in a batch alike', async (t) => {
  const { send } = await serverHarness(t, { deps: { inference } });
  const texts = [film, 'a dull, tedious mess', 'fine'];

  const batch: PredictBatchResponse = JSON.parse(
    (await send('/predict/batch', { body: JSON.stringify({ texts }) })).text,
  );
  const alone: PredictResponse[] = [];
  for (const text of texts) {
    const answer = await send('/predict', { body: JSON.stringify({ text }) });
    assert.equal(answer.status, 200, answer.text);
    alone.push(JSON.parse(answer.text));
  }

  assert.deepEqual(
    alone.slice(0, 2).map(({ label }) => label),
    ['POSITIVE', 'NEGATIVE'],
  );
  for (const [index, result] of batch.results.entries()) {
    assert.ok('label' in result && result.label === alone[index]?.label);
    assert.ok(Math.abs((result.score ?? 0) - (alone[index]?.score ?? 1)) <= 1e-5);
  }
});

test('a model that gives vectors answers with one, not with a label', async (t) => {
  const { send } = await serverHarness(t, { deps: { inference } });

  const answer = await send('/predict', {
    body: JSON.stringify({ text: film, model: 'minilm-embed' }),
  });

  assert.equal(answer.status, 200, answer.text);
  const { embedding, label }: PredictResponse = JSON.parse(answer.text);
  assert.equal(label, undefined);
  assert.ok(Math.abs(Math.hypot(...(embedding ?? [])) - 1) < 1e-3);
});

const deep = 100_000;
const refusals: readonly (readonly [what: string, body: string | Buffer, code: string])[] = [
  ['an empty text', '{"text":""}', 'invalid_request'],
  ['a blank text', '{"text":" \\t\\u00a0"}', 'invalid_request'],
  ['5,001 characters', JSON.stringify({ text: 'x'.repeat(5_001) }), 'invalid_request'],
  ['a wrong type', '{"text":5}', 'invalid_request'],
  ['an unknown field', '{"text":"a","txt":"b"}', 'invalid_request'],
  ['a path as model', '{"text":"a","model":"../../etc/passwd"}', 'invalid_request'],
  ['an unknown model', '{"text":"a","model":"nope"}', 'model_not_found'],
  ['a prototype member as model', '{"text":"a","model":"__proto__"}', 'model_not_found'],
  ['malformed JSON', '{"text": secret}', 'invalid_request'],
  ['JSON 100,000 deep', '['.repeat(deep) + ']'.repeat(deep), 'invalid_request'],
  ['objects 100,000 deep', '{"a":'.repeat(deep), 'invalid_request'],
  ['invalid UTF-8', Buffer.from('{"text":"caf\xe9"}', 'latin1'), 'invalid_request'],
  ['nothing', '', 'invalid_request'],
];

test('bad requests are refused by name and the server goes on', async (t) => {
  const { send } = await serverHarness(t, { deps: { inference } });
  for (const [what, body, code] of refusals) {
    const answer = await send('/predict', { body });
    const problem = JSON.parse(answer.text);
    assert.equal(problem.code, code, `${what}: ${answer.text}`);
    assert.equal(answer.status, problem.status);
    assert.ok(answer.text.length < 2_000 && !answer.text.includes('secret'), what);
    const next = await send('/predict', { body: JSON.stringify({ text: film }) });
    assert.equal(next.status, 200, `after ${what}`);
  }
});
