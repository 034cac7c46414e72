import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { budgetMonthAt } from '#core/cost/budget-month.ts';
import { readStateId, stateIdWithin } from '#core/routing/budget-state-id.ts';
import { decideWithinBudget } from '#core/routing/decide-within-budget.ts';
import { decideLive, type RouteAsk } from '#core/routing/live-route.ts';
import { routeSummary, routeView } from '#core/routing/live-view.ts';
import { jobRouteOf } from '#core/routing/plans/job-route-of.ts';
import { quotePlan } from '#core/routing/plans/plan-quote.ts';
import { quotesView } from '#core/routing/quotes-view.ts';
import { refuseRoute } from '#core/routing/refuse-route.ts';
import { statuses, statusOf, unitsOf, usdOf } from '../../fixtures/routing/budget-statuses.ts';
import { localState, named } from '../../fixtures/routing/live-states.ts';

const gpu = { provider: 'simulated', curve: undefined, waitSeconds: 5 } as const;
const state = named(localState({ gpu }), `rs-${'0a'.repeat(12)}`);

function ask(change: Partial<RouteAsk> = {}): RouteAsk {
  const free = { deadlineMs: undefined, lane: undefined, maxUsd: undefined };
  return { items: 1, bytes: 30, ...free, accepts: 'answer', ...change };
}

const aJob = ask({ items: 20_000, bytes: 2_000_000, accepts: 'job' });

const asks: fc.Arbitrary<RouteAsk> = fc.record({
  items: fc.integer({ min: 1, max: 20_000 }),
  bytes: fc.integer({ min: 1, max: 2_000_000 }),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
  lane: fc.constantFrom(undefined, undefined, 'cpu-fleet' as const, 'gpu-spot' as const),
  maxUsd: fc.option(fc.double({ min: 1e-7, max: 0.01, noNaN: true }), { nil: undefined }),
  accepts: fc.constantFrom('either' as const, 'job' as const),
});

type Decision = ReturnType<typeof decideLive>;

/** Of a decision by the lines that will charge it, in units of 1e-18 dollars. */
function unitsQuoted({ chosen, request }: Decision): bigint {
  assert.ok(chosen !== undefined);
  return unitsOf(quotePlan(chosen.plan, request, state).exactUsd.toFixed());
}

test('a tenant without a budget gets the decision as it is', () => {
  assert.deepEqual(decideWithinBudget(aJob, state, undefined), decideLive(aJob, state));
});

test('a budget never raises the price of a decision, in the form in which the work is run', () => {
  fc.assert(
    fc.property(asks, statuses(['degrade', 'queue', 'refuse']), (wanted, status) => {
      const within = decideWithinBudget(wanted, state, status);
      if (within.chosen === undefined) return;
      // What is queued is a job, also where it would have been an answer.
      const isQueued = within.budget?.effect === 'queued';
      const plain = decideLive(isQueued ? { ...wanted, accepts: 'job' } : wanted, state);
      assert.ok(within.chosen.usd <= (plain.chosen?.usd ?? 0));
      assert.ok(unitsQuoted(within) <= unitsQuoted(plain));
    }),
  );
});

test('in mode refuse, refused is exactly what would exceed the limit', () => {
  fc.assert(
    fc.property(asks, statuses(['refuse']), (wanted, status) => {
      const plain = decideLive(wanted, state);
      const within = decideWithinBudget(wanted, state, status);
      if (plain.chosen === undefined) {
        assert.equal(within.reason, plain.reason);
        return;
      }
      const total = unitsQuoted(plain) + unitsOf(status.spentUsd) + unitsOf(status.promisedUsd);
      const isOver = total > unitsOf(status.limitUsd);
      assert.equal(within.reason, isOver ? 'budget_exceeded' : plain.reason);
      assert.equal(within.chosen === undefined, isOver);
    }),
  );
});

test('the last unit of the limit still pays, and one unit less does not', () => {
  const spent = 123_456_789_012_345_678n;
  const limit = spent + unitsQuoted(decideLive(aJob, state));
  const decideAt = (limitUsd: string) =>
    decideWithinBudget(aJob, state, statusOf('refuse', { limitUsd, spentUsd: usdOf(spent) }));

  assert.equal(decideAt(usdOf(limit)).budget?.effect, 'none');
  assert.equal(decideAt(usdOf(limit - 1n)).budget?.effect, 'refused');
});

test('a limit of nothing refuses everything, queues nothing and lets only the cheapest run', () => {
  const nothing = { limitUsd: '0' };
  const tight = { ...aJob, deadlineMs: 4_000 };

  for (const mode of ['refuse', 'queue'] as const) {
    const { chosen, reason } = decideWithinBudget(aJob, state, statusOf(mode, nothing));
    assert.deepEqual([chosen, reason], [undefined, 'budget_exceeded']);
  }
  const degraded = decideWithinBudget(tight, state, statusOf('degrade', nothing));
  assert.equal(degraded.reason, 'over-budget-cheapest');
  assert.deepEqual(degraded.chosen?.plan, { kind: 'fleet', width: 1 });
  assert.equal(degraded.isOnTime, false);
  assert.ok((decideLive(tight, state).chosen?.usd ?? 0) > (degraded.chosen?.usd ?? Infinity));
});

test('what is queued starts at the reset, and its quote counts from now', () => {
  const status = statusOf('queue', { spentUsd: '1' });
  const wanted = { ...aJob, deadlineMs: 60_000 };

  const decision = decideWithinBudget(wanted, state, status);
  const { chosen } = decision;
  assert.ok(chosen !== undefined);
  const route = jobRouteOf({ ...decision, chosen }, state);

  assert.equal(route.reason, 'over-budget-queued');
  assert.equal(route.startsAt, '2026-12-01T00:00:00Z');
  assert.equal(route.budget?.effect, 'queued');
  assert.equal(route.quote.onTime, false);
  assert.equal(route.quote.finishSeconds, 14 * 86_400 + chosen.finishSeconds);
});

test('who waits for an answer cannot be queued and is told what to send instead', () => {
  const status = statusOf('queue', { spentUsd: '1' });
  const decision = decideWithinBudget(ask(), state, status);
  const error = refuseRoute(ask(), decision, state);
  const asJob = decideWithinBudget(ask({ accepts: 'either' }), state, status);

  assert.equal(error.code, 'budget_exceeded');
  assert.equal(error.status, 429);
  assert.equal(error.retryAfterSeconds, 14 * 86_400);
  assert.match(error.detail, /Prefer: respond-async/);
  assert.equal(error.members['resets_at'], status.resetsAt);
  assert.equal(error.members['stateId'], decision.stateId);
  assert.equal(asJob.budget?.effect, 'queued');
  assert.equal(asJob.chosen?.plan.kind, 'fleet');
});

test('the id of a decision holds its budget: from it the same decision is made again', () => {
  fc.assert(
    fc.property(asks, statuses(['degrade', 'queue', 'refuse']), (wanted, status) => {
      const decision = decideWithinBudget(wanted, state, status);
      const read = readStateId(decision.stateId);
      assert.equal(read?.stateId, state.router.stateId);
      assert.deepEqual(decideWithinBudget(wanted, state, read?.status), decision);
    }),
  );
});

test('an id that no answer named is not read', () => {
  const id = stateIdWithin('rs-1', statusOf('refuse'));
  assert.deepEqual(readStateId('rs-1'), { stateId: 'rs-1', status: undefined });
  assert.ok(readStateId(id)?.status !== undefined);
  for (const broken of ['rs-1~', 'rs-1~refuse', `${id}~1`, id.replace('refuse', 'ignore')]) {
    assert.equal(readStateId(broken), undefined, broken);
  }
});

test('the effect is shown where there is one, and in full always', () => {
  const free = decideWithinBudget(aJob, state, statusOf('refuse'));
  const over = decideWithinBudget(aJob, state, statusOf('degrade', { spentUsd: '1' }));

  assert.equal(routeSummary(free, state).budget, undefined);
  assert.equal(routeView(free, state).budget?.effect, 'none');
  assert.equal(routeSummary(over, state).budget?.effect, 'degraded');
  assert.equal(routeSummary(over, state).budget?.spent_usd, '1');
});

test('quotes show what the budget does to each deadline', () => {
  const budget = statusOf('queue', { spentUsd: '1' });
  const { deadlineMs: _, ...work } = aJob;
  const month = 30 * 86_400_000;
  const { quotes, stateId } = quotesView(work, [3_600_000, month], { state, budget });

  assert.equal(readStateId(stateId)?.status?.spentUsd, '1');
  assert.deepEqual(
    quotes.map(({ onTime, budget: effect }) => [onTime, effect?.effect]),
    [
      [false, 'queued'],
      [true, 'queued'],
    ],
  );
  assert.equal(quotes[0]?.plan?.chance, 0);
  assert.ok((quotes[0]?.plan?.finishSeconds ?? 0) > 14 * 86_400);
  assert.equal(quotes[1]?.plan?.chance, 1);
});

test('a month of a budget ends at midnight of UTC', () => {
  const last = budgetMonthAt(Date.parse('2026-12-31T23:59:59.999Z'));
  const first = budgetMonthAt(Date.parse('2027-01-01T00:00:00.000Z'));

  assert.deepEqual([last.name, first.name], ['2026-12', '2027-01']);
  assert.equal(last.toMillis, first.fromMillis);
  assert.equal(first.fromMillis, Date.parse('2027-01-01T00:00:00Z'));
  assert.equal(budgetMonthAt(Date.parse('2028-02-29T12:00:00Z')).toMillis, Date.UTC(2028, 2));
});
