import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';
import { openWarmer } from '../../functions/aws/open-warmer.ts';
import {
  type EmulatedFunction,
  openEmulatedFunction,
} from '../fixtures/runtime/emulated-function.ts';
import { inferenceCode } from '../fixtures/runtime/inference-code.ts';
import type { FunctionCode } from '../fixtures/runtime/lambda-environment.ts';
import { restEvent } from '../unit/functions/aws/rest-events.ts';

// The warmer against a function whose environments are real processes of the deployed package, given
// to calls as Lambda gives them: an idle one, the one used last, or a new one.

const ENVIRONMENTS = 4;
let code: FunctionCode;
before(async () => {
  code = await inferenceCode(['sst2-minilm']);
});

function openFunction(t: TestContext): EmulatedFunction {
  const target = openEmulatedFunction(code);
  t.after(() => target.stop());
  return target;
}

function openTestWarmer(target: EmulatedFunction) {
  const log: Readonly<Record<string, unknown>>[] = [];
  const warm = openWarmer(
    {
      SWITCHYARD_METRICS_NAMESPACE: 'Switchyard/test',
      SWITCHYARD_WARM_FUNCTION: 'inference:live',
      SWITCHYARD_WARM_ENVIRONMENTS: String(ENVIRONMENTS),
      SWITCHYARD_WARM_HOLD_MILLIS: '100',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'us-east-1',
    },
    { invoker: target.invoker, clock: systemClock, log: (line) => log.push(line) },
  );
  return { warm, log };
}

/** So many requests at once; the longest of them in milliseconds. */
async function requestAtOnce(target: EmulatedFunction): Promise<number> {
  const request = restEvent({
    method: 'POST',
    resource: '/predict',
    body: { text: 'a gripping, beautiful film' },
  });
  const took = await Promise.all(
    Array.from({ length: ENVIRONMENTS }, async () => {
      const startedMillis = performance.now();
      const end = await target.invoke(request);
      assert.ok(end.kind === 'answered', JSON.stringify(end));
      assert.equal((end.payload as { statusCode: number }).statusCode, 200);
      return performance.now() - startedMillis;
    }),
  );
  return Math.max(...took);
}

test('after a warm-up of N the next N requests at once meet no session creation', async (t) => {
  const target = openFunction(t);
  const { warm, log } = openTestWarmer(target);

  const receipt = await warm();
  const warmMillis = await requestAtOnce(target);

  assert.equal(new Set(receipt.environments).size, ENVIRONMENTS);
  assert.deepEqual(
    {
      wanted: receipt.wanted,
      started: receipt.started,
      rounds: receipt.rounds,
      failed: receipt.failed,
    },
    { wanted: ENVIRONMENTS, started: ENVIRONMENTS, rounds: 1, failed: 0 },
  );
  assert.ok(Number(receipt.usd) > 0);
  assert.equal(target.started(), ENVIRONMENTS, 'no request started an environment');
  const again = await warm();
  assert.deepEqual([...again.environments].sort(), [...receipt.environments].sort());
  assert.equal(again.started, 0);
  assert.equal(again.coldStartsAvoided, ENVIRONMENTS, 'each met what only a ping had started');
  const pings = await Promise.all(receipt.environments.map(() => target.invoke(warmUpPing(200))));
  for (const end of pings) {
    assert.ok(end.kind === 'answered');
    assert.equal(warmUpAnswerSchema.parse(end.payload).sessionsOpened, 1);
  }
  t.diagnostic(`longest of ${ENVIRONMENTS} warmed requests: ${Math.round(warmMillis)} ms`);
  t.diagnostic(`receipt: ${JSON.stringify(log.at(-1))}`);
});

test('the control: without a warm-up N requests at once meet N session creations', async (t) => {
  const target = openFunction(t);

  const coldMillis = await requestAtOnce(target);

  assert.equal(target.started(), ENVIRONMENTS);
  t.diagnostic(`longest of ${ENVIRONMENTS} cold requests: ${Math.round(coldMillis)} ms`);
});
