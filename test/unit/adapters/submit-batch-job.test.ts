import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchJobRecords } from '#adapters/aws/batch/batch-job-records.ts';
import type { BatchRequests } from '#adapters/aws/batch/batch-requests.ts';
import { submitOnce } from '#adapters/aws/batch/submit-batch-job.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

/** As the SDK throws what the service answered. */
function answerOf(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

async function submitAgainst(answers: readonly (Error | string)[]) {
  const clock = { ...systemClock, sleep: async () => undefined };
  const records = new BatchJobRecords({
    ...{ objectStore: createMemoryObjectStore(), clock, queueName: 'spot' },
  });
  let tries = 0;
  const submit = async (): Promise<string> => {
    const answer = answers[Math.min(tries, answers.length - 1)];
    tries += 1;
    if (answer instanceof Error) throw answer;
    return answer ?? '';
  };
  const requests = async () => ({ submit }) as unknown as BatchRequests;
  const ports = { records, clock, requests, find: async () => undefined };
  const end = await submitOnce(ports, { jobName: 'a-1', jobQueue: 'q', jobDefinition: 'd' }).then(
    () => 'taken',
    (error: unknown) => error,
  );
  return { end, tries, job: await records.job('a-1') };
}

test('a throttled submission is tried again, and at last told as too much at once', async () => {
  const throttled = answerOf('TooManyRequestsException', 429);

  const late = await submitAgainst([throttled, throttled, 'job-7']);
  assert.deepEqual([late.end, late.tries, late.job?.jobId], ['taken', 3, 'job-7']);

  const never = await submitAgainst([throttled]);
  assert.ok(never.end instanceof SwitchyardError);
  assert.equal(never.end.code, 'overloaded');
  assert.equal(never.tries, 6);
});

test('a refusal is told as a setting to be looked at, and not repeated', async () => {
  const { end, tries, job } = await submitAgainst([answerOf('ClientException', 400)]);

  assert.ok(end instanceof SwitchyardError);
  assert.equal(end.code, 'invalid_setting');
  assert.deepEqual([tries, job], [1, undefined]);
});
