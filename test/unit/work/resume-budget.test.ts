import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BudgetStatus } from '#core/contract/budget.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { openJobService } from '#work/open-job-service.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { rowsOf, settle, tenant } from '../../fixtures/life/settle.ts';

const MONTH_MILLIS = 31 * 86_400_000;
const at = (millis: number) => new Date(millis).toISOString();
const quoted: JobRoute = {
  ...{ stateId: 'rs-1', reason: 'cheapest', lane: 'cpu-fleet', workers: 1, items: 10, tokens: 99 },
  quote: { usd: 2, finishSeconds: 60, onTime: true },
};

/** A cancelled job that was quoted two dollars, and a way to resume it under some budget. */
async function cancelledJob(route: JobRoute = quoted) {
  const deployment = startMemoryDeployment({ workers: 1 });
  const service = openJobService(deployment.ports, () => undefined);
  const body = { model: 'sst2-minilm', items: rowsOf(10), options: {} };
  const { job } = await service.create({ tenant, requestId: 'r', body, route });
  await service.cancel({ tenant, jobId: job.id });
  await settle(deployment, job.id);
  const resumeWithin = async (budget: Partial<BudgetStatus> | undefined) => {
    const now = Date.now();
    const status: BudgetStatus | undefined = budget && {
      ...{ limitUsd: '3', mode: 'refuse', spentUsd: '0', promisedUsd: '0' },
      ...{ resetsAt: at(now + MONTH_MILLIS), takenAt: at(now), ...budget },
    };
    const ports = { ...deployment.ports, budgets: { statusOf: async () => status } };
    const place = { tenant, jobId: job.id };
    return await openJobService(ports, () => undefined).resume(place);
  };
  const status = async () => (await service.describe({ tenant, jobId: job.id })).status;
  return { resumeWithin, status };
}

test('a cancelled job goes on only where the budget pays for what it was quoted', async () => {
  const { resumeWithin, status } = await cancelledJob();

  for (const beyond of [
    { spentUsd: '1.000000000000000001' },
    { promisedUsd: '1.5' },
    { spentUsd: '0.6', promisedUsd: '0.6', mode: 'queue' },
  ] as const) {
    await assert.rejects(resumeWithin(beyond), { code: 'budget_exceeded', status: 429 });
    assert.equal(await status(), 'cancelled');
  }
  assert.equal((await resumeWithin({ spentUsd: '1' })).status, 'queued');
});

test('without a budget, and where it only slows down, any job goes on', async () => {
  for (const budget of [undefined, { spentUsd: '9', mode: 'degrade' } as const]) {
    assert.equal((await (await cancelledJob()).resumeWithin(budget)).status, 'queued');
  }
});

test('a job that waits for the next month is paid for by that one', async () => {
  const { resumeWithin } = await cancelledJob({
    ...quoted,
    startsAt: at(Date.now() + MONTH_MILLIS),
  });

  assert.equal((await resumeWithin({ spentUsd: '9', mode: 'queue' })).status, 'queued');
});
