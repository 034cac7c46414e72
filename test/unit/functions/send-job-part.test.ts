import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JobLines } from '#work/job-service.ts';
import { createGetJobResultsHandler } from '../../../functions/jobs/get-job-results.ts';
import { asResult, lambdaContextOf, restEvent } from './aws/rest-events.ts';
import { handlerHarness } from './handler-harness.ts';
import { memoryJobService } from './memory-job-service.ts';

// 4 MiB of JSONL always fit into an answer of a Lambda function, whatever the lines hold.

const lambdaBytes = 6 * 1_048_576;
/** 4 MiB of a text full of quotes: every byte of it doubles inside the JSON of an answer. */
const lines = Buffer.from(`${JSON.stringify({ quoted: '"'.repeat(2_000_000) })}\n`);

async function answerTo(t: TestContext, located: JobLines) {
  const { deps } = await handlerHarness(t);
  if (located.kind === 'object') await deps.objectStore.put(located.key, lines);
  const jobs = { ...memoryJobService(), locate: async () => located };
  const handler = createGetJobResultsHandler({ ...deps, jobs });
  const pathParameters = { id: 'job-1' };
  const event = restEvent({ method: 'GET', resource: '/jobs/{id}/results', pathParameters });
  return asResult(
    await handler(event as unknown as Parameters<typeof handler>[0], lambdaContextOf()),
  );
}

test('results that would double beyond the answer of a function are a link', async (t) => {
  const key = 'bucket/out/results.jsonl';
  const sizeBytes = lines.length;
  assert.ok(sizeBytes < 4_194_304 && JSON.stringify(lines.toString()).length > lambdaBytes);

  const answer = await answerTo(t, { kind: 'object', key, sizeBytes, isComplete: true });

  assert.equal(answer.statusCode, 303);
});

test('partial lines that would double come as bytes', async (t) => {
  const answer = await answerTo(t, { kind: 'lines', bytes: lines, isComplete: false });

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.isBase64Encoded, true);
  assert.ok(JSON.stringify(answer).length < lambdaBytes);
  assert.ok(Buffer.from(answer.body, 'base64').equals(lines));
});
