import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodes } from '../../../cli/exit-codes.ts';
import { explainAwsFailure } from '../../../cli/service/aws-failure.ts';

function named(name: string, members: object = {}): Error {
  return Object.assign(new Error('a message of the SDK'), { name, ...members });
}

const cases = [
  [named('CredentialsProviderError'), exitCodes.usage, 'no_aws_credentials'],
  [named('ExpiredToken'), exitCodes.usage, 'bad_aws_credentials'],
  [named('AccessDenied'), exitCodes.refused, 'aws_access_denied'],
  [named('Error', { code: 'ENOTFOUND' }), exitCodes.unreachable, 'aws_unreachable'],
] as const;

test('failures of AWS are told with what to do', () => {
  for (const [error, exitCode, code] of cases) {
    const explained = explainAwsFailure(error);
    assert.equal(explained?.exitCode, exitCode);
    assert.equal(explained?.code, code);
    assert.ok((explained?.remedy ?? '').length > 20);
  }
});

test('what is no failure of AWS is left to others', () => {
  assert.equal(explainAwsFailure(new TypeError('x is not a function')), undefined);
  assert.equal(explainAwsFailure('text'), undefined);
});
