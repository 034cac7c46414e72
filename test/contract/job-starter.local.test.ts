import assert from 'node:assert/strict';
import test from 'node:test';
import { createProcessFunctionInvoker } from '#adapters/local/process-function-invoker.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createRemoteJobStarter } from '#work/accept/remote-job-starter.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { openJobService } from '#work/open-job-service.ts';
import { createStartCallAnswerer } from '../../functions/aws/answer-start-call.ts';
import { startMemoryDeployment } from '../fixtures/life/memory-deployment.ts';
import { describeJobStarter } from './job-starter.contract.ts';

function openJobs() {
  const { ports } = startMemoryDeployment();
  const catalogue: JobPorts['catalogue'] = {
    describe: (model, lane) => {
      if (model === 'sst2-minilm') return ports.catalogue.describe(model, lane);
      throw new SwitchyardError('model_not_found', 'no such model');
    },
  };
  return openJobService({ ...ports, catalogue }, () => undefined);
}

describeJobStarter({
  name: 'the job service of this process',
  open: async () => {
    const jobs = openJobs();
    return { starter: jobs, find: (tenant, jobId) => jobs.describe({ tenant, jobId }) };
  },
});

describeJobStarter({
  name: 'a call of the function that keeps jobs',
  open: async (context) => {
    const jobs = openJobs();
    const answer = createStartCallAnswerer({ jobs, limits: defaultLimits, log: () => undefined });
    const invoker = createProcessFunctionInvoker({ functions: new Map([['jobs', answer]]) });
    context.after(() => invoker.close());
    return {
      starter: createRemoteJobStarter({ invoker, functionName: 'jobs' }),
      find: (tenant, jobId) => jobs.describe({ tenant, jobId }),
    };
  },
});

const request = {
  tenant: 'acme',
  requestId: 'r1',
  body: { model: 'sst2-minilm', items: [{ text: 'a film' }], options: {} },
};

test('a function that fails or answers something else is told as worth a repetition', async () => {
  const answers = [
    () => Promise.reject(new SwitchyardError('internal', 'its log says why')),
    async () => null,
    async () => ({ ok: false, error: { code: 'a code of tomorrow', detail: '', members: {} } }),
    async () => ({ ok: true, created: true, job: {} }),
  ];
  for (const call of answers) {
    const starter = createRemoteJobStarter({ invoker: { call }, functionName: 'jobs' });
    await assert.rejects(starter.create(request), {
      code: 'worker_failed',
      retryable: true,
      retryAfterSeconds: 1,
    });
  }
});

test('a call that is no start of a job is left to others', async () => {
  const answer = createStartCallAnswerer({
    jobs: openJobs(),
    limits: defaultLimits,
    log: () => undefined,
  });

  assert.equal(await answer({ resource: '/jobs', httpMethod: 'GET' }), undefined);
  assert.equal(await answer({ kind: 'start-job', tenant: 'acme' }), undefined);
  const refused = await answer({ kind: 'start-job', ...request, body: { model: 7 } });
  assert.ok(refused?.ok === false);
  assert.equal(refused.error.code, 'invalid_request');
  assert.equal(refused.error.members['param'], 'model');
});
