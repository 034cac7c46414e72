import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetMonthAt } from '#core/cost/budget-month.ts';
import { Usd } from '#core/cost/usd.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createJob } from '#work/accept/create-job.ts';
import type { RouteJob } from '#work/accept/route-job.ts';
import { PromisedJobs } from '#work/budgets/promised-jobs.ts';
import { rememberPromises } from '#work/budgets/remembered-promises.ts';
import { createTenantBudgets } from '#work/budgets/tenant-budgets.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { settle } from '../../fixtures/life/settle.ts';

const HOUR_MILLIS = 3_600_000;

function routeWith(usd: number, startsAt?: string): RouteJob {
  return async () => ({
    stateId: 'rs-test',
    reason: 'cheapest',
    lane: 'cpu-fleet',
    workers: 1,
    items: 1,
    tokens: 1,
    quote: { usd, finishSeconds: 1, onTime: true },
    ...(startsAt === undefined ? {} : { startsAt }),
  });
}

async function accept(ports: JobPorts, tenant: string, routeJob: RouteJob): Promise<string> {
  const body = { model: 'tiny-text', items: [{ text: 'a' }], options: {} };
  const request = { tenant, requestId: `${tenant} ${Math.random()}`, body };
  const { job } = await createJob({ ...ports, routeJob }, request);
  return job.id;
}

test('no worker is submitted before a job may start, and one is after it', async () => {
  const deployment = startMemoryDeployment();
  const { ports, advance } = deployment;
  const startsAt = new Date(ports.clock.epochMillis() + HOUR_MILLIS).toISOString();
  const jobId = await accept(ports, 'local', routeWith(1, startsAt));

  const before = await reconcileJob(ports, jobId);
  advance(HOUR_MILLIS);
  const after = await reconcileJob(ports, jobId);
  await settle(deployment, jobId);

  assert.deepEqual([before, after], ['waiting', 'submitted']);
});

test('promised is what active jobs were quoted; the next month pays for those that wait for it', async () => {
  const { ports } = startMemoryDeployment();
  const month = budgetMonthAt(ports.clock.epochMillis());
  await accept(ports, 'a', routeWith(0.1));
  await accept(ports, 'a', routeWith(0.2));
  await accept(ports, 'b', routeWith(0.7));
  await accept(ports, 'a', routeWith(4, new Date(month.toMillis).toISOString()));
  const promised = new PromisedJobs(ports.objectStore);

  const now = await promised.inMonth(month);
  const next = await promised.inMonth(budgetMonthAt(month.toMillis));

  assert.equal(now.get('a')?.toFixed(), '0.3');
  assert.equal(now.get('b')?.toFixed(), '0.7');
  assert.equal(next.get('a')?.toFixed(), '4.3');
});

test('promises are added up again when a job began or ended, and not for every request', async () => {
  const deployment = startMemoryDeployment();
  const month = budgetMonthAt(deployment.ports.clock.epochMillis());
  let lists = 0;
  const counted: ObjectStore = {
    ...deployment.ports.objectStore,
    list: (prefix, options) => {
      if (prefix === 'work/active/') lists += 1;
      return deployment.ports.objectStore.list(prefix, options);
    },
  };
  const { objectStore, inMonth } = rememberPromises(counted);
  const ports = { ...deployment.ports, objectStore };
  const promised = async () => (await inMonth(month)).get('local')?.toFixed();

  const none = [await promised(), await promised()];
  const jobId = await accept(ports, 'local', routeWith(0.5));
  const one = [await promised(), await promised()];
  const listsBefore = lists;
  await settle({ ...deployment, ports }, jobId);

  assert.deepEqual(
    [none, one],
    [
      [undefined, undefined],
      ['0.5', '0.5'],
    ],
  );
  assert.equal(listsBefore, 2);
  assert.equal(await promised(), undefined);
});

test('a status is of the month of now and of one tenant; who has no budget has no status', async () => {
  const atMillis = Date.parse('2026-12-31T23:59:59.900Z');
  const budgets = createTenantBudgets({
    budgetOf: (tenant) => (tenant === 'free' ? undefined : { limitUsd: '2', mode: 'queue' }),
    sumsOf: async () => ({
      spent: new Map([['a', new Usd('0.3')]]),
      promised: new Map(),
      takenAtMillis: atMillis,
    }),
    clock: { epochMillis: () => atMillis, monotonicMillis: () => 0, sleep: async () => {} },
  });

  assert.equal(await budgets.statusOf('free'), undefined);
  assert.deepEqual(await budgets.statusOf('a'), {
    mode: 'queue',
    limitUsd: '2',
    spentUsd: '0.3',
    promisedUsd: '0',
    resetsAt: '2027-01-01T00:00:00Z',
    takenAt: '2026-12-31T23:59:59Z',
  });
  assert.equal((await budgets.statusOf('b'))?.spentUsd, '0');
});
