import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceOfInvocation } from '../../../../functions/aws/price-of-invocation.ts';

const usage = { items: 1, tokens: 7, processingMillis: 10 };
const variables = { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024' };

test('an answer costs its time by the memory, and the call', () => {
  const prices = {
    SWITCHYARD_USD_PER_GB_SECOND: 0.0000166667,
    SWITCHYARD_USD_PER_INVOCATION: 0.0000002,
  };
  const costOf = priceOfInvocation(prices, variables);

  assert.equal(costOf(usage).usd, 0.000000366667);
  assert.equal(costOf({ ...usage, processingMillis: 0 }).usd, 0.0000002);
});

test('where no price is known the answer says so', () => {
  const costOf = priceOfInvocation({}, { ...variables, AWS_REGION: 'mars-north-1' });

  assert.match(costOf(usage).basis, /no price of AWS Lambda in mars-north-1 is known/);
});
