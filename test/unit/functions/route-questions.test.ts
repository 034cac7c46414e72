import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { totalUsd } from '#core/routing/plans/route-plan.ts';
import { openLiveRouter } from '#work/routing/live-router.ts';
import type { HandlerDependencies } from '../../../functions/handler-dependencies.ts';
import { type SeededRandom, seededRandom } from '../../fixtures/harness/random.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { statusOf } from '../../fixtures/routing/budget-statuses.ts';
import { localState, testCurve } from '../../fixtures/routing/live-states.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';
import { scriptedInference } from './scripted-inference.ts';

const model = 'sst2-minilm';

/** Handlers of a process that has just started over what an earlier one kept. */
async function harnessOver(
  t: TestContext,
  objectStore: ObjectStore,
  change = {},
  deps: Partial<HandlerDependencies> = {},
) {
  const router = await openLiveRouter({ objectStore, clock: systemClock }, [
    {
      name: model,
      curve: { inline: testCurve, bulkPerTokenSeconds: 0.00005, isAssumed: false },
      assemble: (learnt, takenAt) => localState({ model, takenAt, ...change }, learnt),
    },
  ]);
  return handlerHarness(t, { router, ...deps });
}

/** Some cannot be met, some are jobs, most are answered. */
function drawBody(random: SeededRandom) {
  const deadlines = [undefined, 1, 3, 10, 100, 5_000];
  const text = () => 'a good film '.repeat(1 + random.below(60));
  const deadlineMs = deadlines[random.below(deadlines.length)];
  const rest = { model, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
  if (random.below(2) === 0) return { text: text(), ...rest };
  if (random.below(5) === 0) return { texts: [text()], lane: 'cpu-fleet', ...rest };
  return { texts: Array.from({ length: 1 + random.below(32) }, text), ...rest };
}

/** None, or one that a few microdollars more or less decide about. */
function drawBudget(random: SeededRandom) {
  const mode = (['degrade', 'queue', 'refuse'] as const)[random.below(3)];
  const spentUsd = `0.0009${random.below(10)}`;
  return random.below(3) === 0 || mode === undefined
    ? undefined
    : statusOf(mode, { limitUsd: '0.001', spentUsd });
}

async function askMany(
  { call, jobs }: Awaited<ReturnType<typeof harnessOver>>,
  random: SeededRandom,
) {
  const asked = [];
  for (let count = 0; count < 1_000; count += 1) {
    const body = drawBody(random);
    const headers: Record<string, string> = random.below(2) ? { prefer: 'respond-async' } : {};
    const answer = await call('text' in body ? 'predict' : 'predictBatch', { body, headers });
    asked.push({ body, headers, answer, job: jobs.created.at(-1)?.route });
  }
  return asked;
}

test('an explanation by the named state is the answer’s own route, across a restart', async (t) => {
  const objectStore = createMemoryObjectStore();
  const draw = seededRandom(10);
  const budgets = { statusOf: async () => drawBudget(draw) };
  const before = await harnessOver(t, objectStore, {}, { budgets });
  const asked = await askMany(before, seededRandom(9));
  // Another speed: the state of now would decide otherwise than the kept one.
  const after = await harnessOver(t, objectStore, { workers: 1, inlineItems: 8 });
  const kinds = new Set<number>();
  for (const { body, headers, answer, job } of asked) {
    const { statusCode } = answer;
    const given = bodyOf(answer);
    const stated = statusCode === 202 ? job : (given.route ?? given);
    kinds.add(statusCode);
    const question = { ...body, stateId: stated.stateId };
    const explained = await after.call('explainRoute', { body: question, headers });
    const { route, offers } = bodyOf(explained);
    assert.equal(explained.statusCode, 200);
    if (statusCode === 429) {
      assert.equal(route.reason, 'budget_exceeded');
      assert.equal(route.budget.spent_usd, given.spent_usd);
      continue;
    }
    if (statusCode === 409) {
      assert.equal(route.chosen, null);
      assert.equal(route.reason, given.code);
      assert.ok(offers.earliest.usd > 0);
      continue;
    }
    for (const field of ['lane', 'reason', 'stateId']) assert.equal(route[field], stated[field]);
    if (stated.budget) assert.deepEqual(route.budget, stated.budget);
  }
  assert.ok(
    [200, 202, 409, 429].every((kind) => kinds.has(kind)),
    [...kinds].join(' '),
  );
});

test('a deadline that passes against the prediction names the decision and offers more time', async (t) => {
  const inference = scriptedInference({
    predict: ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
  });
  const { call } = await harnessOver(t, createMemoryObjectStore(), {}, { inference });
  const body = { model, text: 'a good film', deadlineMs: 20 };

  const answer = await call('predict', { body });
  const { code, stateId, route, offers } = bodyOf(answer);
  const explained = await call('explainRoute', { body: { ...body, stateId } });
  const told = bodyOf(explained).route;

  assert.deepEqual([answer.statusCode, code], [409, 'deadline_infeasible']);
  assert.deepEqual([told.lane, told.reason, told.stateId], [route.lane, route.reason, stateId]);
  assert.equal(told.onTime, true);
  assert.ok(told.chosen.finishSeconds < 0.02);
  assert.equal(
    offers.earliest.finish_seconds,
    0.02,
    'what is known to be too short is not offered',
  );
});

test('an explanation shows time, price by terms and chance of everything that was possible', async (t) => {
  const { call } = await harnessOver(t, createMemoryObjectStore());
  const body = { model, items: 50_000, bytes: 4_000_000, deadlineMs: 60_000 };
  const answer = await call('explainRoute', { body });
  const { route } = bodyOf(answer);

  assert.equal(answer.statusCode, 200);
  assert.equal(route.onTime, true);
  assert.equal(
    route.candidates.filter((each: { verdict: string }) => each.verdict === 'chosen').length,
    1,
  );
  assert.ok(route.candidates.length > 1);
  for (const { time, chance, usd, terms } of route.candidates) {
    assert.ok(time.p50Seconds <= time.p90Seconds && time.p90Seconds <= time.p99Seconds);
    assert.ok(chance >= 0 && chance <= 1);
    assert.ok(Math.abs(totalUsd(terms) - usd) <= 1e-9 * Math.max(1, usd));
  }
  assert.ok(route.chosen.chance >= route.target);
  assert.ok(route.assumptions.length > 0);
});

test('quotes stand side by side, and a looser deadline never costs more', async (t) => {
  const { call } = await harnessOver(t, createMemoryObjectStore());
  const answer = await call('createQuotes', {
    body: { model, items: 2_000_000, bytes: 160_000_000 },
  });
  const { quotes, stateId, tokens, tokensError } = bodyOf(answer);

  assert.equal(answer.statusCode, 200);
  assert.match(stateId, /^rs-/);
  assert.ok(tokens > 2_000_000 && tokensError > 0);
  assert.deepEqual(
    quotes.map(({ deadlineMs }: { deadlineMs: number }) => deadlineMs),
    [300_000, 3_600_000, 86_400_000],
  );
  const [tight, hour, day] = quotes;
  assert.equal(tight.onTime, false);
  assert.ok(tight.offers.earliest.finish_seconds > 300);
  assert.equal(day.onTime, true);
  assert.ok(day.plan.usd <= hour.plan.usd && hour.plan.usd <= tight.plan.usd);
});

test('a question names one piece of work, and a state that exists', async (t) => {
  const { call } = await harnessOver(t, createMemoryObjectStore());
  const ask = async (body: object) => {
    const { statusCode, body: text } = await call('explainRoute', { body });
    return { statusCode, code: JSON.parse(text).code };
  };
  const unknown = `rs-${'0'.repeat(24)}`;

  assert.equal((await ask({ model })).statusCode, 400);
  assert.equal((await ask({ model, text: 'a', items: 3, bytes: 9 })).statusCode, 400);
  assert.equal((await ask({ model, items: 3 })).statusCode, 400);
  assert.equal((await ask({ model, text: 'a', stateId: '../x' })).statusCode, 400);
  assert.deepEqual(await ask({ model, text: 'a', stateId: unknown }), {
    statusCode: 404,
    code: 'state_not_found',
  });
  assert.equal((await ask({ model: 'no-such', text: 'a' })).statusCode, 404);
  const none = await handlerHarness(t);
  assert.equal((await none.call('explainRoute', { body: { text: 'a' } })).statusCode, 409);
});
