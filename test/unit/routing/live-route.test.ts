import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideLive, offersFor, type RouteAsk } from '#core/routing/live-route.ts';
import { routeSummary, routeView } from '#core/routing/live-view.ts';
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
