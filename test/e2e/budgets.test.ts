import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BudgetMode } from '#core/contract/budget.ts';
import type { JobView } from '#core/contract/job-view.ts';
import type { RouteSummary, RouteView } from '#core/contract/route-view.ts';
import { type HttpAnswer, postJson } from '../fixtures/harness/http.ts';
import { completeJob, getJob } from '../fixtures/harness/jobs.ts';
import {
  newDataFolder,
  type Switchyard,
  startSwitchyard,
} from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// One tenant, one month, four lives of a server that end by SIGKILL. An answer costs more than 3.5e-6
// dollars (its call of the REST API), so the fifteenth at the latest is over the limit; a job of one text
// is quoted 3.3e-5 before anything was learnt, so that a month pays for one.

const LIMIT = '0.00005';
const model = 'tiny-text';
const dataFolder = newDataFolder();
const DAY_MILLIS = 86_400_000;
/** The wall clock of the servers stands in the middle of a month, whenever this runs. */
const AHEAD_MILLIS = Date.UTC(2031, 0, 15) - Date.now();

let answered = 0;
let server: Switchyard | undefined;
after(() => server?.dispose());

async function startWith(
  mode: BudgetMode,
  { limitUsd = LIMIT, aheadMillis = AHEAD_MILLIS } = {},
): Promise<Switchyard> {
  await server?.killTree();
  server = await startSwitchyard({
    dataFolder,
    command: [process.execPath, 'test/fixtures/budgets/clocked-server-child.ts'],
    env: {
      SWITCHYARD_TENANT_BUDGET_USD: limitUsd,
      SWITCHYARD_TENANT_BUDGET_MODE: mode,
      SWITCHYARD_TEST_AHEAD_MILLIS: String(aheadMillis),
      // Workers live today: by the server's clock their jobs ended years ago, and would be forgotten at
      // its next round, which a slow machine comes to before the test has seen the end.
      SWITCHYARD_RETENTION_DAYS: '3650',
    },
  });
  return server;
}

/** Asks until the budget does something, which a few answers bring about. */
async function spendUntil(url: string, isOver: (answer: HttpAnswer) => boolean) {
  for (let count = 0; count < 15; count += 1) {
    const answer = await postJson(url, '/predict', { text: 'fine', model });
    answered += 1;
    if (isOver(answer)) return answer;
    assert.equal(answer.status, 200, answer.text);
  }
  return assert.fail('fifteen answers cost more than the budget, and nothing happened');
}

async function explain(url: string, body: object): Promise<RouteView> {
  const answer = await postJson(url, '/route:explain', { model, ...body });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ route: RouteView }>().route;
}

/** Rows are durable a second after they came; a kill before that would give the money back. */
async function ledgerHolds(rows: number): Promise<void> {
  const folder = join(dataFolder, 'ledger');
  await waitUntil(`the ledger has ${rows} rows`, async () => {
    const files = await readdir(folder);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    return texts.join('').split('\n').length > rows;
  });
}

test('over a budget a tenant is refused, degraded or queued, across kill -9 and the month', async (t) => {
  let queuedId = '';
  let spentUsd = 0;

  await t.test(
    'refuse: 429 with the figures, the time of the reset and an explanation',
    async () => {
      const { url } = await startWith('refuse');
      const refused = await spendUntil(url, ({ status }) => status === 429);
      const problem = refused.json<Record<string, string> & { retryable: boolean }>();
      const explained = await explain(url, { text: 'fine', stateId: problem['stateId'] });

      assert.equal(problem['code'], 'budget_exceeded');
      assert.equal(problem.retryable, true);
      assert.equal(problem['resets_at'], '2031-02-01T00:00:00Z');
      assert.equal(problem['limit_usd'], LIMIT);
      assert.ok(Number(problem['spent_usd']) > 0);
      assert.ok(Number(problem['spent_usd']) + Number(problem['quoted_usd']) > Number(LIMIT));
      const days = Number(refused.headers['retry-after']) / 86_400;
      assert.ok(days > 16 && days <= 17, refused.headers['retry-after']);
      assert.equal(explained.chosen, null);
      assert.equal(explained.reason, 'budget_exceeded');
      assert.equal(explained.budget?.spent_usd, problem['spent_usd']);
      const file = { model, items: [{ text: 'fine' }] };
      assert.equal((await postJson(url, '/jobs', file)).status, 429);
      await ledgerHolds(answered);
      spentUsd = Number(problem['spent_usd']);
    },
  );

  await t.test('degrade: answered all the same, and work gets the cheapest way', async () => {
    const { url } = await startWith('degrade');
    const answer = await spendUntil(url, ({ text }) => text.includes('over-budget'));
    const { route } = answer.json<{ route: RouteSummary }>();
    const work = { items: 50_000, bytes: 4_000_000 };
    const stateId = route.stateId ?? '';
    const without = await explain(url, { ...work, stateId: stateId.split('~')[0] });
    const within = await explain(url, { ...work, stateId });

    assert.equal(answer.status, 200);
    assert.equal(route.reason, 'over-budget-cheapest');
    assert.equal(route.budget?.effect, 'degraded');
    assert.ok(Number(route.budget?.spent_usd) >= spentUsd, 'what was spent outlives the kill');
    assert.deepEqual((await explain(url, { text: 'fine', stateId })).budget, route.budget);
    assert.deepEqual(within.chosen?.plan, { kind: 'fleet', width: 1 });
    assert.deepEqual(without.chosen?.plan, { kind: 'fleet', width: 2 });
  });

  await t.test('queue: a job that starts with the next month and says so', async () => {
    const live = await startWith('queue');
    const { url } = live;
    const job = { text: 'fine', model };
    await spendUntil(url, ({ status }) => status === 429);
    const prefer = { prefer: 'respond-async' };
    const accepted = await postJson(url, '/predict', job, prefer);
    const { id, route } = accepted.json<JobView>();
    const explained = await postJson(
      url,
      '/route:explain',
      { ...job, stateId: route?.stateId },
      prefer,
    );
    const round = await postJson(url, '/jobs:reconcile', {});
    const waiting = await getJob(live, id);

    assert.equal(accepted.status, 202, accepted.text);
    assert.equal(route?.reason, 'over-budget-queued');
    assert.equal(route.startsAt, '2031-02-01T00:00:00Z');
    assert.equal(route.budget?.effect, 'queued');
    const told = explained.json<{ route: RouteView }>().route;
    assert.deepEqual(
      [told.lane, told.reason, told.startsAt],
      [route.lane, route.reason, route.startsAt],
    );
    assert.equal(round.json<{ active: number }>().active, 1);
    assert.equal(round.json<{ submitted: number }>().submitted, 0);
    assert.equal(waiting.status, 'queued');
    assert.deepEqual(live.workers(), []);
    queuedId = id;
  });

  await t.test('the queued job outlives kill -9 and runs once the month has begun', async () => {
    const aheadMillis = AHEAD_MILLIS + 17 * DAY_MILLIS;
    const live = await startWith('refuse', { aheadMillis, limitUsd: '1' });
    const done = await completeJob(live, queuedId);
    const { budget } = await explain(live.url, { text: 'fine' });

    assert.equal(done.counts.completed, 1);
    assert.equal(done.route?.startsAt, '2031-02-01T00:00:00Z');
    assert.equal(budget?.resets_at, '2031-03-01T00:00:00Z');
    assert.equal(budget.effect, 'none');
  });
});
