import assert from 'node:assert/strict';
import test from 'node:test';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createProcessFunctionInvoker } from '#adapters/local/process-function-invoker.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { parseLedgerRow } from '#core/cost/ledger-row.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import { openWarmer } from '../../../functions/aws/open-warmer.ts';
import { warmUp } from '../../../functions/middleware/warm-up.ts';
import { scriptedInference } from './scripted-inference.ts';

const context = {} as Context;

/** One environment: a handler behind the middleware, and what it was asked. */
function openEnvironment(
  environmentId: string,
  inference: Pick<InferenceService, 'warmUp'> = scriptedInference(),
) {
  const requests: unknown[] = [];
  const log: Readonly<Record<string, unknown>>[] = [];
  const environment = {
    environmentId,
    initMillis: 200,
    memoryMib: 2_048,
    architecture: 'x86_64' as const,
  };
  const handler = middy<unknown, unknown>({ timeoutEarlyInMillis: 0 })
    .use(warmUp({ inference, clock: systemClock, log: (line) => log.push(line), environment }))
    .handler(async (event) => {
      requests.push(event);
      return 'answered';
    });
  return { requests, log, handle: (event: unknown): Promise<unknown> => handler(event, context) };
}

test('a ping runs an inference, holds the environment and says who it was', async () => {
  let inferences = 0;
  const environment = openEnvironment('one', {
    warmUp: async () => {
      inferences += 1;
      return { models: [{ model: 'tiny-text', millis: 2 }], sessionsOpened: 1 };
    },
  });
  const before = performance.now();
  const first = warmUpAnswerSchema.parse(await environment.handle(warmUpPing(60)));
  const tookMillis = performance.now() - before;
  const second = warmUpAnswerSchema.parse(await environment.handle(warmUpPing(0)));

  assert.equal(inferences, 2);
  assert.ok(tookMillis >= 59, `held for ${tookMillis} ms`);
  assert.ok(first.handlerMillis >= 59 && first.handlerMillis <= tookMillis);
  assert.deepEqual([first.environmentId, first.cold, second.cold], ['one', true, false]);
  assert.deepEqual(environment.requests, [], 'no ping reaches the routes');
  assert.deepEqual(
    environment.log.map(({ event }) => event),
    ['warmed_up', 'warmed_up'],
  );
});

test('requests pass untouched, and no request from outside can be a ping', async () => {
  const environment = openEnvironment('one');
  const fromOutside = {
    ...warmUpPing(5_000),
    httpMethod: 'POST',
    resource: '/predict',
    body: '{}',
  };
  assert.equal(await environment.handle(fromOutside), 'answered');
  assert.deepEqual(environment.requests, [fromOutside]);
  assert.deepEqual(environment.log, []);
});

test('a ping counts the cold start that it took off the next request', async () => {
  const environment = openEnvironment('one');
  const ping = async () => warmUpAnswerSchema.parse(await environment.handle(warmUpPing(0)));

  assert.equal((await ping()).coldStartsAvoided, 0);
  await environment.handle({ httpMethod: 'GET' });
  await environment.handle({ httpMethod: 'GET' });
  assert.equal((await ping()).coldStartsAvoided, 1);
  assert.equal((await ping()).coldStartsAvoided, 0);
});

test('a ping of an environment whose model gives no answer is a failed invocation', async () => {
  const environment = openEnvironment('one', scriptedInference({ reasons: ['loading'] }));
  await assert.rejects(environment.handle(warmUpPing(0)), { code: 'not_ready' });
});

/** As Lambda does it: an idle environment, the one used last, or a new one. */
function openFunction(options: { readonly most?: number } = {}) {
  const idle: ReturnType<typeof openEnvironment>[] = [];
  let started = 0;
  return {
    started: () => started,
    async invoke(event: unknown): Promise<unknown> {
      const environment = idle.pop() ?? openEnvironment(`environment-${started++}`);
      if (started > (options.most ?? 100)) {
        started -= 1;
        throw new SwitchyardError('overloaded', 'too many run at once');
      }
      try {
        return await environment.handle(event);
      } finally {
        idle.push(environment);
      }
    },
  };
}

function openTestWarmer(environments: number, invoke: (event: unknown) => Promise<unknown>) {
  const log: Readonly<Record<string, unknown>>[] = [];
  const warm = openWarmer(
    {
      SWITCHYARD_METRICS_NAMESPACE: 'Switchyard/test',
      SWITCHYARD_WARM_FUNCTION: 'inference',
      SWITCHYARD_WARM_ENVIRONMENTS: String(environments),
      SWITCHYARD_WARM_HOLD_MILLIS: '20',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'us-east-1',
    },
    {
      invoker: createProcessFunctionInvoker({ functions: new Map([['inference', invoke]]) }),
      clock: systemClock,
      log: (line) => log.push(line),
    },
  );
  return { warm, log };
}

test('the warmer starts as many environments as it is told, and the next run meets the same ones', async () => {
  const target = openFunction();
  const { warm, log } = openTestWarmer(5, target.invoke);

  const first = await warm();
  const second = await warm();

  assert.equal(target.started(), 5);
  assert.deepEqual([first.started, second.started], [5, 0]);
  assert.equal(new Set(first.environments).size, 5);
  assert.deepEqual([...second.environments].sort(), [...first.environments].sort());
  assert.ok(Number(first.usd) > Number(second.usd), 'only the first paid for starts');
  const receipts = log.filter(({ event }) => event === 'warm_up_receipt');
  assert.deepEqual(receipts, [
    { level: 'info', event: 'warm_up_receipt', ...first },
    { level: 'info', event: 'warm_up_receipt', ...second },
  ]);
  const rows = log.filter(({ source }) => source === 'warm-up');
  assert.deepEqual(
    rows.map((row) => parseLedgerRow(JSON.stringify({ level: 'info', ...row })).usd),
    [first.usd, second.usd],
    'each run is in the ledger for the price of its receipt',
  );
});

test('the warmer sends no ping one after the other: without a hold they would share environments', async () => {
  // One environment that takes every call, as if its pings had been answered in time for the next.
  const one = openEnvironment('shared');
  const { warm, log } = openTestWarmer(3, one.handle);

  const receipt = await warm();

  assert.deepEqual([receipt.environments, receipt.rounds, receipt.pings], [['shared'], 3, 9]);
  assert.equal(log.at(-1)?.['level'], 'warn');
});

test('the warmer names what it could not warm, and fails where it warmed nothing', async () => {
  const limited = openTestWarmer(4, openFunction({ most: 2 }).invoke);
  const receipt = await limited.warm();
  assert.equal(receipt.environments.length, 2);
  assert.equal(receipt.failed, 6, 'two of four in each of three rounds');

  const broken = openTestWarmer(2, async () => {
    throw new Error('no');
  });
  await assert.rejects(broken.warm(), { code: 'not_ready', detail: /function inference failed/ });
});
