import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import type { JobView } from '#core/contract/job-view.ts';
import type { RouteView } from '#core/contract/route-view.ts';
import { ledgerRow } from '#core/cost/ledger-row.ts';
import { createKey, type DeployedApi, openApi } from '../fixtures/aws/deployed-api.ts';
import { openDeployedPorts } from '../fixtures/aws/deployed-ports.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';

// Budgets of a deployment's config: `none-left` and `slowed` may spend nothing, `waits` a dollar a month.

let deployment: Deployment;
before(async () => {
  deployment = await sharedDeployment();
});

async function apiOf(tenant: string): Promise<DeployedApi> {
  const { key } = await createKey(deployment, ['--tenant', tenant]);
  return openApi(deployment, key);
}

const text = 'a gripping film';

test('a tenant without money is refused by both functions, and told why', async () => {
  const api = await apiOf('none-left');
  const answers = [
    await api.post('/predict', { text }),
    await api.post('/jobs', { items: [{ text }] }),
  ];

  for (const answer of answers) {
    const problem = answer.json<Record<string, string>>();
    assert.equal(answer.status, 429, answer.text);
    assert.equal(problem['code'], 'budget_exceeded');
    assert.equal(problem['limit_usd'], '0');
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  const stateId = answers[0]?.json<{ stateId: string }>().stateId;
  const explained = await api.post('/route:explain', { text, stateId });
  const { route } = explained.json<{ route: RouteView }>();
  assert.equal(route.reason, 'budget_exceeded');
  assert.equal(route.budget?.effect, 'refused');
});

test('a tenant whose work is slowed down is answered in the cheapest way', async () => {
  const api = await apiOf('slowed');
  const answer = await api.post('/predict', { text });

  assert.equal(answer.status, 200, answer.text);
  const { route } = answer.json<{ route: RouteView }>();
  assert.equal(route.reason, 'over-budget-cheapest');
  assert.equal(route.budget?.effect, 'degraded');
});

test('what the ledger has is spent: a job waits for the next month', async (t) => {
  const { objectStore } = await openDeployedPorts(t, deployment, { cellBytes: 262_144 });
  const ledger = createObjectLedger({ objectStore });
  ledger.append(
    ledgerRow({
      id: 'an earlier job/1',
      at: new Date().toISOString(),
      source: 'attempt',
      tenant: 'waits',
      model: null,
      lane: 'cpu-fleet',
      job: 'an earlier job',
      region: 'us-east-1',
      items: 1,
      tokens: 1,
      basis: 'estimate',
      lines: [{ item: 'x', kind: 'useful', quantity: 1, unit: 'x', usd: '1' }],
    }),
  );
  await ledger.flush();
  const api = await apiOf('waits');

  // Sums may be a minute old: what is accepted before is not wrong, only early.
  const accepted = await untilQueued(api);
  const { id, route } = accepted;
  const looked = await api.call(`/jobs/${id}`);

  assert.equal(route?.reason, 'over-budget-queued');
  assert.ok(Number(route.budget?.spent_usd) >= 1, route.budget?.spent_usd);
  assert.equal(looked.json<JobView>().status, 'queued');
  assert.ok(Date.parse(route.startsAt ?? '') > Date.now());
  assert.equal((await api.call(`/jobs/${id}`, { method: 'DELETE' })).status, 200);
});

async function untilQueued(api: DeployedApi): Promise<JobView> {
  const endMillis = performance.now() + 150_000;
  for (;;) {
    const answer = await api.post('/jobs', { items: [{ text }] });
    assert.equal(answer.status, 202, answer.text);
    const job = answer.json<JobView>();
    if (job.route?.budget !== undefined || performance.now() > endMillis) return job;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}
