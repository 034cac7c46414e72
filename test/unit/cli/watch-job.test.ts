import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliError } from '../../../cli/cli-error.ts';
import type { JobAnswer } from '../../../cli/service/service-answers.ts';
import { watchJob } from '../../../cli/service/watch-job.ts';
import { jobAnswer } from './job-answer.ts';

const away = new CliError(3, 'service_unreachable', 'no service', { isRetryable: true });
const gone = new CliError(1, 'job_not_found', 'no such job');

/** Gives each answer once, the last one for ever. */
function scripted(answers: readonly (JobAnswer | CliError)[]) {
  const left = [...answers];
  const seen: string[] = [];
  const last = answers.at(-1) ?? gone;
  return {
    seen,
    getJob: () => {
      const answer = left.shift() ?? last;
      return answer instanceof CliError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onProgress: (job: JobAnswer) => seen.push(job.status),
    onLost: () => seen.push('lost'),
  };
}

const neverStopped = new AbortController().signal;
const completed = jobAnswer({ status: 'completed' });

test('a watch goes on over restarts of the service and says each one once', async () => {
  const script = scripted([jobAnswer({}), away, away, jobAnswer({}), away, completed]);

  const end = await watchJob(script, 'job_1', { ...script, stop: neverStopped, pollMillis: 1 });

  assert.equal(end, completed);
  assert.deepEqual(script.seen, ['running', 'lost', 'running', 'lost', 'completed']);
});

test('a watch gives up on a service that stays away', async () => {
  const script = scripted([jobAnswer({}), away]);
  const options = { ...script, stop: neverStopped, pollMillis: 1, patienceMillis: 30 };

  await assert.rejects(watchJob(script, 'job_1', options), away);
});

test('a watch ends at once when the service refuses', async () => {
  const script = scripted([gone]);
  const options = { ...script, stop: neverStopped, pollMillis: 1 };

  await assert.rejects(watchJob(script, 'job_1', options), gone);
});

test('a stopped watch has no end to tell', async () => {
  const stop = new AbortController();
  const script = scripted([jobAnswer({})]);
  const onProgress = (): void => stop.abort();
  const options = { ...script, onProgress, stop: stop.signal, pollMillis: 60_000 };

  assert.equal(await watchJob(script, 'job_1', options), undefined);
});
