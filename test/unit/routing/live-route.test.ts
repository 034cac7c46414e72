import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideLive, offersFor, type RouteAsk } from '#core/routing/live-route.ts';
import { routeSummary, routeView } from '#core/routing/live-view.ts';
import { jobRouteOf } from '#core/routing/plans/job-route-of.ts';
import { quotePlan } from '#core/routing/plans/plan-quote.ts';
import { mixesVariants } from '#core/routing/plans/route-plan.ts';
import { liveStateSchema } from '#core/routing/state/live-state.ts';
import { localState, named } from '../../fixtures/routing/live-states.ts';

const state = named(localState());
const withGpu = named(
  localState({ gpu: { provider: 'simulated', curve: undefined, waitSeconds: 5 } }),
);

function ask(change: Partial<RouteAsk> = {}): RouteAsk {
  const free = { deadlineMs: undefined, lane: undefined, maxUsd: undefined };
  return { items: 1, bytes: 30, ...free, accepts: 'answer', ...change };
}

test('one text is answered inside the request, whatever the caller would accept', () => {
  for (const accepts of ['answer', 'either'] as const) {
    const { chosen, reason } = decideLive(ask({ accepts }), state);

    assert.equal(chosen?.plan.kind, 'inline');
    assert.equal(reason, 'cheapest');
  }
});

test('a deadline that no answer meets is refused with offers that are feasible', () => {
  const tight = ask({ items: 32, bytes: 64_000, deadlineMs: 5 });

  const refused = decideLive(tight, state);
  const offers = offersFor(tight, state);

  assert.equal(refused.chosen, undefined);
  assert.equal(refused.reason, 'deadline_infeasible');
  assert.ok(offers !== undefined);
  const deadlineMs = Math.ceil(offers.cheapest.finish_seconds * 1_000);
  const again = decideLive({ ...tight, deadlineMs, accepts: 'either' }, state);
  assert.equal(again.isOnTime, true);
  assert.equal(again.chosen?.usd, offers.cheapest.usd);
});

test('work above the seconds of one answer becomes a job for whoever accepts one', () => {
  const slow = named(localState());
  const inline = slow.router.inline;
  assert.ok(inline !== undefined);
  const short = { ...slow, router: { ...slow.router, inline: { ...inline, maxSeconds: 0.05 } } };
  const long = ask({ items: 32, bytes: 32_000 });

  assert.equal(decideLive(long, short).reason, 'deadline_infeasible');
  assert.equal(decideLive({ ...long, accepts: 'either' }, short).chosen?.plan.kind, 'fleet');
  assert.equal(decideLive(long, slow).chosen?.plan.kind, 'inline');
});

test('a job without a deadline gets the idle workers, with one the fewest that are on time', () => {
  const job = ask({ items: 20_000, bytes: 2_000_000, accepts: 'job' });

  const free = decideLive(job, state);
  const hour = decideLive({ ...job, deadlineMs: 3_600_000 }, state);

  assert.deepEqual(free.chosen?.plan, { kind: 'fleet', width: 4 });
  assert.equal(free.reason, 'cheapest-lane-idle-workers');
  assert.deepEqual(hour.chosen?.plan, { kind: 'fleet', width: 1 });
  assert.equal(hour.reason, 'cheapest-on-time');
});

test('no decision costs more than maxUsd', () => {
  const maxUsd = fc.double({ min: 1e-7, max: 0.01, noNaN: true });
  fc.assert(
    fc.property(maxUsd, fc.nat(20_000), fc.integer({ min: 1, max: 20_000 }), (max, items, ms) => {
      const wanted = ask({ items: items + 1, bytes: items * 90 + 1, accepts: 'job', maxUsd: max });

      const decision = decideLive({ ...wanted, deadlineMs: ms }, withGpu);

      if (decision.chosen === undefined) assert.equal(decision.reason, 'price_limit_exceeded');
      else assert.ok(decision.chosen.usd <= max);
    }),
  );
});

test('a rehearsed lane is named as such in every form of the decision', () => {
  const decision = decideLive(ask({ accepts: 'job', lane: 'gpu-spot' }), withGpu);

  assert.equal(routeSummary(decision, withGpu).lane, 'gpu-spot');
  assert.match(String(routeSummary(decision, withGpu).rehearsal), /rehearsed/);
  assert.match(String(routeView(decision, withGpu).rehearsal), /rehearsed/);
  assert.equal(routeSummary(decideLive(ask(), state), state).rehearsal, undefined);
});

test('a state survives being written down: the same decisions from what is read back', () => {
  const read = liveStateSchema.parse(JSON.parse(JSON.stringify(withGpu)));
  const asks = fc.record({
    items: fc.integer({ min: 1, max: 32 }),
    bytes: fc.integer({ min: 1, max: 200_000 }),
    deadlineMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    lane: fc.constant(undefined),
    maxUsd: fc.constant(undefined),
    accepts: fc.constantFrom('answer' as const, 'either' as const, 'job' as const),
  });
  fc.assert(
    fc.property(asks, (each) => {
      assert.deepEqual(decideLive(each, read), decideLive(each, withGpu));
    }),
  );
});

/** A job so large that both lanes together are sooner than either, with the time of the soonest way. */
function soonest(mixed: boolean | undefined) {
  const job = ask({ items: 2_000_000, bytes: 2e8, accepts: 'job', deadlineMs: 1, mixed });
  const { candidates } = decideLive(job, withGpu);
  return Math.min(...candidates.map(({ finishSeconds }) => finishSeconds));
}

test('a deadline that only a mix meets gets one where the caller left that open', () => {
  const [pure, mix] = [soonest(false), soonest(true)];
  assert.ok(mix < pure, `${mix} and ${pure}`);
  const deadlineMs = Math.floor(((pure + mix) / 2) * 1_000);
  const job = (mixed: boolean | undefined) =>
    decideLive(ask({ items: 2_000_000, bytes: 2e8, accepts: 'job', deadlineMs, mixed }), withGpu);

  const open = job(undefined);
  assert.equal(open.reason, 'only-mixed-on-time');
  assert.equal(open.isOnTime, true);
  assert.equal(open.chosen?.plan.kind, 'bridge');
  assert.deepEqual(job(true).chosen, open.chosen);
  const closed = job(false);
  assert.deepEqual([closed.reason, closed.isOnTime], ['soonest', false]);
  assert.ok(closed.candidates.every(({ plan }) => !mixesVariants(plan)));

  assert.ok(open.chosen);
  const route = jobRouteOf({ ...open, chosen: open.chosen }, withGpu);
  assert.equal(route.mixed, true);
  assert.deepEqual(
    route.pools?.map(({ lane }) => lane),
    ['gpu-on-demand', 'cpu-fleet'],
  );
  assert.equal(
    route.workers,
    route.pools?.reduce((sum, { workers }) => sum + workers, 0),
  );
  const lanes = quotePlan(open.chosen.plan, open.request, withGpu).attempts.map(({ lane }) => lane);
  assert.deepEqual([...new Set(lanes)], ['gpu-on-demand', 'cpu-fleet']);
});

test('a deadline that one lane meets never mixes unasked, nor do an answer and a wanted lane', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000_000 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.constantFrom('answer' as const, 'either' as const, 'job' as const),
      fc.constantFrom(undefined, 'gpu-spot' as const, 'cpu-fleet' as const),
      (items, deadlineMs, accepts, lane) => {
        fc.pre(accepts !== 'answer' || lane === undefined);
        const few = accepts === 'job' ? items : 1 + (items % 32);
        const asked = ask({ items: few, bytes: few * 100, deadlineMs, accepts, lane });
        const { chosen } = decideLive(asked, withGpu);
        if (chosen === undefined || !mixesVariants(chosen.plan)) return;
        assert.equal(lane, undefined);
        assert.equal(decideLive({ ...asked, mixed: false }, withGpu).isOnTime, false);
      },
    ),
    { numRuns: 200 },
  );
});
