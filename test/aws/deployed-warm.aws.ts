import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';
import type { WarmUpReceipt } from '#core/warming/warm-up-receipt.ts';
import { createKey, openApi } from '../fixtures/aws/deployed-api.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { assertWithin } from '../fixtures/harness/assert-within.ts';
import { restEvent } from '../unit/functions/aws/rest-events.ts';

// The warmer as `cdk deploy` made it: its rights, its settings, the alias that it pings. Nobody else calls
// the function while these run. The control, requests without a warm-up, is in warm-environments.aws.ts.

const wanted = Number(process.env['SWITCHYARD_WARM_ENVIRONMENTS']);
let deployment: Deployment;
before(async () => {
  deployment = await sharedDeployment();
});

function openFunctions(t: TestContext) {
  const invoker = createLambdaFunctionInvoker({ endpoint: deployment.endpoint, maxAttempts: 1 });
  t.after(() => invoker.close());
  const name = (key: string) => deployment.outputs[key] ?? assert.fail(`no output ${key}`);
  return {
    warm: async () => (await invoker.call(name('WarmerFunction'), {})) as WarmUpReceipt,
    infer: (event: unknown) => invoker.call(name('InferenceFunction'), event),
  };
}

test('after a warm-up of N the next N requests at once meet no session creation', async (t) => {
  const { warm, infer } = openFunctions(t);
  const { key } = await createKey(deployment);
  const api = openApi(deployment, key);

  const receipt = await warm();
  t.diagnostic(JSON.stringify(receipt));
  assert.equal(receipt.wanted, wanted);
  assert.equal(new Set(receipt.environments).size, wanted, 'the receipt names N environments');
  assert.deepEqual([receipt.started, receipt.failed], [wanted, 0], 'nobody had called before');
  assert.ok(Number(receipt.usd) > 0);

  const texts = Array.from({ length: wanted }, (_, n) => `film ${n}`);
  const answers = await Promise.all(texts.map((text) => api.post('/predict', { text })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    texts.map(() => 200),
  );

  // One that a request had started would be met here beside the others, or instead of one of them.
  const pings = await Promise.all(texts.map(() => infer(warmUpPing(500))));
  const met = pings.map((answer) => warmUpAnswerSchema.parse(answer));
  const idsOf = (all: readonly { readonly environmentId: string }[]) =>
    all.map(({ environmentId }) => environmentId).sort();
  assert.deepEqual(idsOf(met), [...receipt.environments].sort());
  for (const { cold, models, sessionsOpened } of met) {
    assert.equal(cold, false);
    assert.deepEqual(models.map(({ model }) => model).sort(), ['minilm-embed', 'sst2-minilm']);
    assert.equal(sessionsOpened, models.length, 'each model was opened once, by the warm-up');
  }
});

test('whoever can call the API cannot send a ping', async (t) => {
  const { infer } = openFunctions(t);
  const body = JSON.stringify(warmUpPing(5_000));
  const disguised = {
    ...restEvent({ method: 'POST', resource: '/predict', body }),
    ...warmUpPing(5_000),
  };
  const startedMillis = performance.now();
  const answer = (await infer(disguised)) as { readonly statusCode: number };
  assert.equal(answer.statusCode, 400);
  const tookMillis = performance.now() - startedMillis;
  await assertWithin('an answer that nothing held', { tookMillis, limitMillis: 5_000 });
});
