import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';
import type { WarmUpReceipt } from '#core/warming/warm-up-receipt.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { assertWithin } from '../fixtures/harness/assert-within.ts';
import { restEvent } from '../unit/functions/aws/rest-events.ts';

// The warmer as `cdk deploy` made it: its rights, its settings, the alias that it pings. That requests
// then start nothing is shown by warm-environments.aws.ts, where nobody else calls the function.

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

test('the deployed warmer keeps as many environments as it is told, and says what that cost', async (t) => {
  const { warm, infer } = openFunctions(t);

  const first = await warm();
  t.diagnostic(JSON.stringify(first));
  assert.equal(first.wanted, 2);
  assert.equal(new Set(first.environments).size, first.environments.length);
  assert.ok(first.environments.length >= first.wanted, JSON.stringify(first));
  assert.equal(first.failed, 0);
  assert.ok(Number(first.usd) > 0);

  const pings = await Promise.all([infer(warmUpPing(2_000)), infer(warmUpPing(2_000))]);
  const [one, other] = pings.map((answer) => warmUpAnswerSchema.parse(answer));
  assert.ok(one !== undefined && other !== undefined);
  assert.notEqual(one.environmentId, other.environmentId, 'two calls at once, two environments');
  assert.deepEqual([one.cold, other.cold], [false, false]);
  assert.deepEqual(one.models.map(({ model }) => model).sort(), ['minilm-embed', 'sst2-minilm']);
  assert.equal(one.sessionsOpened, one.models.length, 'each model was opened once');
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
