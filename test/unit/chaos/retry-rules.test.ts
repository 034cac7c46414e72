import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AttemptEnd,
  assertRetryRules,
  CONTAINER_EXITED,
  decideRetry,
  hostTerminated,
  type RetryRule,
  workerRetryRules,
} from '#core/jobs/retry-rules.ts';
import { hasCode } from '../../contract/contract-expectations.ts';

function exited(exitCode: number | undefined, reason?: string): AttemptEnd {
  return { exitCode, statusReason: CONTAINER_EXITED, reason };
}

test('a worker is tried again after the loss of its host and after exit code 75 only', () => {
  const lost = { ...exited(undefined), statusReason: hostTerminated('i-0123456789abcdef0') };

  assert.equal(lost.statusReason, 'Host EC2 (instance i-0123456789abcdef0) terminated.');
  assert.equal(decideRetry(workerRetryRules, lost), 'RETRY');
  assert.equal(decideRetry(workerRetryRules, { ...lost, exitCode: 143 }), 'RETRY');
  assert.equal(decideRetry(workerRetryRules, exited(75)), 'RETRY');
  for (const exitCode of [1, 7, 64, 70, 134, 137, 139, 750]) {
    assert.equal(decideRetry(workerRetryRules, exited(exitCode)), 'EXIT', String(exitCode));
  }
  const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage';
  assert.equal(decideRetry(workerRetryRules, exited(137, outOfMemory)), 'EXIT');
  assert.equal(decideRetry(workerRetryRules, exited(undefined)), 'EXIT');
});

test('the first rule that matches decides, and no match means another try', () => {
  const rules: readonly RetryRule[] = [
    { onReason: 'CannotPull*', onExitCode: '1', action: 'EXIT' },
    { onReason: 'cannotpullcontainererror:*', action: 'RETRY' },
    { onExitCode: '7*', action: 'EXIT' },
  ];

  assert.equal(decideRetry(rules, exited(1, 'CannotPullContainerError: x')), 'EXIT');
  assert.equal(decideRetry(rules, exited(2, 'CannotPullContainerError: x')), 'RETRY');
  assert.equal(decideRetry(rules, exited(7)), 'EXIT');
  assert.equal(decideRetry(rules, exited(79)), 'EXIT');
  assert.equal(decideRetry(rules, exited(17)), 'RETRY');
  assert.equal(decideRetry([], exited(17)), 'RETRY');
});

test('patterns match whole texts unless they end with a star, in either case', () => {
  const rule = (onStatusReason: string): RetryRule[] => [
    { onStatusReason, action: 'RETRY' },
    { onReason: '*', action: 'EXIT' },
  ];
  const end = { ...exited(undefined), statusReason: 'Host EC2 (instance i-1) terminated.' };

  assert.equal(decideRetry(rule('HOST ec2*'), end), 'RETRY');
  assert.equal(decideRetry(rule('Host EC2'), end), 'EXIT');
  assert.equal(decideRetry(rule('EC2*'), end), 'EXIT');
  assert.equal(decideRetry(rule('host ec2 (instance i-1) terminated.'), end), 'RETRY');
});

test('a list that AWS Batch would refuse is refused', () => {
  assertRetryRules(workerRetryRules);
  const action = 'RETRY' as const;
  const wrong: readonly (readonly RetryRule[])[] = [
    [{ action }],
    [{ onExitCode: '7x', action }],
    [{ onReason: 'a*b', action }],
    [{ onStatusReason: 'x'.repeat(514), action }],
    Array.from({ length: 6 }, () => ({ onExitCode: '1', action })),
  ];
  for (const rules of wrong) {
    assert.throws(() => assertRetryRules(rules), hasCode('invalid_setting'));
  }
});
