import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { predictResponseSchema } from '#core/contract/predict-answer.ts';
import { openInferenceFunction } from '../../../../functions/aws/open-inference-function.ts';
import { temporaryFolder } from '../../../contract/temporary-folder.ts';
import {
  changeManifest,
  copyTinyText,
  fixtureModelsFolder,
} from '../../../fixtures/inference/bundles.ts';
import { bodyOf } from '../handler-harness.ts';
import { asResult, lambdaContextOf, restEvent } from './rest-events.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const variables = {
  SWITCHYARD_METRICS_NAMESPACE: 'Switchyard/test',
  SWITCHYARD_MODELS: fixtureModelsFolder,
  SWITCHYARD_JOBS_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:jobs:live',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '2048',
  AWS_REGION: 'eu-west-1',
  SWITCHYARD_USD_PER_GB_SECOND: '0.00001667',
  SWITCHYARD_USD_PER_ANSWER: '4e-6',
};

test('the inference function is ready when it is opened and answers a base64 body', async (t) => {
  const { handler, inference } = await openInferenceFunction(variables);
  t.after(() => inference.close());
  const call = async (event: unknown) => asResult(await handler(event, lambdaContextOf()));

  const ready = await call(restEvent({ method: 'GET', resource: '/ready' }));
  assert.deepEqual(bodyOf(ready), { ready: true, reasons: [] });

  const body = { model: 'tiny-text', text: 'a film' };
  const answered = await call(restEvent({ method: 'POST', resource: '/predict', body }));
  assert.equal(answered.statusCode, 200);
  const answer = bodyOf(answered);
  assert.equal(answer.model, 'tiny-text');
  assert.equal(answer.route.lane, 'cpu');
  assert.ok(answer.cost.usd > 0, JSON.stringify(answer.cost));
  assert.match(answer.cost.basis, /AWS Lambda \(2048 MB .* in eu-west-1\) with REST API and log/);
});

test('rules in the package escalate', async (t) => {
  const folder = await temporaryFolder(t);
  const rules = { 'tiny-text': { threshold: 1, to: { kind: 'model', model: 'tiny-twin' } } };
  await writeFile(join(folder, 'escalation.json'), JSON.stringify(rules));
  await copyTinyText(join(folder, 'models'));
  const twin = await copyTinyText(join(folder, 'twin'));
  await changeManifest(twin, { name: 'tiny-twin' });
  await rename(twin, join(folder, 'models/tiny-twin'));
  const { handler, inference } = await openInferenceFunction({
    ...{ ...variables, LAMBDA_TASK_ROOT: folder, SWITCHYARD_MODELS: 'models' },
    SWITCHYARD_ESCALATION: 'escalation.json',
  });
  t.after(() => inference.close());
  const body = { model: 'tiny-text', text: 'a film' };
  const event = restEvent({ method: 'POST', resource: '/predict', body });

  const answered = asResult(await handler(event, lambdaContextOf()));

  const answer = predictResponseSchema.parse(bodyOf(answered));
  assert.equal(answer.escalated?.by.model, 'tiny-twin');
  assert.equal(answer.escalation_summary?.escalated, 1);
  assert.ok((answer.escalation_summary.usd ?? 0) > 0);
});

test('the inference function answers by the resource, not by the path', async (t) => {
  const { handler, inference } = await openInferenceFunction(variables);
  t.after(() => inference.close());
  const other = restEvent({ method: 'GET', resource: '/jobs', path: '/models' });

  const answered = asResult(await handler(other, lambdaContextOf()));

  assert.equal(answered.statusCode, 404);
  assert.equal(bodyOf(answered).code, 'not_found');
});

test('who has no name, or one that can be no tenant, is answered nothing but that', async (t) => {
  const { handler, inference } = await openInferenceFunction(variables);
  t.after(() => inference.close());
  const body = { model: 'tiny-text', text: 'a film' };
  const call = async (tenant: string | null) => {
    const event = restEvent({ method: 'POST', resource: '/predict', body, tenant });
    const { statusCode, body: text } = asResult(await handler(event, lambdaContextOf()));
    return [statusCode, JSON.parse(text).code];
  };

  assert.deepEqual(await call(null), [401, 'unauthenticated']);
  assert.deepEqual(await call(''), [401, 'unauthenticated']);
  assert.deepEqual(await call('../local'), [403, 'forbidden']);
  assert.deepEqual(await call('local'), [200, undefined]);
});

test('the inference function refuses events of other kinds and a half-set environment', async (t) => {
  const { handler, inference } = await openInferenceFunction(variables);
  t.after(() => inference.close());

  await assert.rejects(handler({ rawPath: '/predict', version: '2.0' }, lambdaContextOf()), {
    code: 'invalid_request',
  });
  await assert.rejects(openInferenceFunction({ SWITCHYARD_MODELS: 'models' }), {
    code: 'invalid_setting',
    detail: /SWITCHYARD_JOBS_FUNCTION/,
  });
});
