import assert from 'node:assert/strict';
import test from 'node:test';
import {
  createProcessFunctionInvoker,
  type LocalFunction,
} from '#adapters/local/process-function-invoker.ts';
import { handler } from '../fixtures/functions/obedient-function.ts';
import { hasCode } from './contract-expectations.ts';
import { describeFunctionInvoker } from './function-invoker.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

describeFunctionInvoker({
  name: 'the process function invoker',
  async open(context) {
    const functions = new Map<string, LocalFunction>([['obedient', handler]]);
    const invoker = createProcessFunctionInvoker({ functions, retryMillis: 10 });
    context.after(() => invoker.close());
    return { invoker, name: 'obedient', folder: await temporaryFolder(context) };
  },
});

test('the process function invoker gives a started function up after two more tries', async () => {
  let tries = 0;
  const failing: LocalFunction = async () => {
    tries += 1;
    throw new Error('never works');
  };
  const givenUp = Promise.withResolvers<string>();
  const invoker = createProcessFunctionInvoker({
    functions: new Map([['failing', failing]]),
    retryMillis: 1,
    onGivenUp: givenUp.resolve,
  });

  await invoker.start('failing', {});

  assert.equal(await givenUp.promise, 'failing');
  assert.equal(tries, 3);
});

test('the process function invoker waits for what it started when it closes, then refuses', async () => {
  const release = Promise.withResolvers<void>();
  let hasEnded = false;
  const slow: LocalFunction = async () => {
    await release.promise;
    hasEnded = true;
  };
  const invoker = createProcessFunctionInvoker({ functions: new Map([['slow', slow]]) });
  await invoker.start('slow', {});
  const closed = invoker.close();

  await assert.rejects(invoker.start('slow', {}), hasCode('not_ready'));
  release.resolve();
  await closed;
  assert.equal(hasEnded, true);
});
