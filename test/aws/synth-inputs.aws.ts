import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcesOf, synthesize } from '../infra/synthesize.ts';

test('what is granted as input may be read and listed, and the functions are told to whom', () => {
  const inputs = { sharedPrefixes: ['lake/v1.0+x/'], tenantPrefixes: { acme: ['lake/acme/'] } };

  // cdk-nag is run with it: a wildcard that nobody acknowledged would fail the synthesis.
  const { bulk, all } = synthesize({ inputs });

  const policies = JSON.stringify(resourcesOf(all, 'AWS::IAM::Policy'));
  for (const prefix of ['lake/v1.0+x/', 'lake/acme/']) {
    // Four functions around jobs, the fleet and the workers on AWS Batch: once to read, once to list.
    const named = policies.split(`${prefix}*"`).length - 1;
    assert.ok(named >= 12, `${prefix}: ${named}`);
  }
  assert.ok(!policies.includes('lake/*'));
  const told = resourcesOf(bulk, 'AWS::Lambda::Function').flatMap(
    ({ Properties }) => Properties.Environment?.Variables.SWITCHYARD_INPUTS ?? [],
  );
  assert.deepEqual(JSON.parse(told[0]), inputs);
});
