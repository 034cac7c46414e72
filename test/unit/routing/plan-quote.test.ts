import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { laneSchema } from '#core/contract/lane.ts';
import { attemptRows } from '#core/cost/attempt-rows.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { decideLive } from '#core/routing/live-route.ts';
import { jobRouteOf } from '#core/routing/plans/job-route-of.ts';
import { quotePlan } from '#core/routing/plans/plan-quote.ts';
import { localState, named, testRates } from '../../fixtures/routing/live-states.ts';

const gpu = { provider: 'simulated', curve: undefined, waitSeconds: 0 } as const;
const state = named(localState({ gpu }));

const jobs = fc.record({
  items: fc.integer({ min: 1, max: 100_000 }),
  bytesPerItem: fc.integer({ min: 1, max: 2_000 }),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 3_600_000 }), { nil: undefined }),
  lane: fc.constantFrom(undefined, ...laneSchema.options),
  mixed: fc.constantFrom(undefined, true, false),
});

/** What workers would have written that took exactly as long as was foretold. */
function recordsOf(attempts: ReturnType<typeof quotePlan>['attempts']) {
  const start = Date.parse('2026-11-24T00:00:00Z');
  const records = attempts.map(({ millis, lane }, arrayIndex) => ({
    lane,
    attemptId: `a${arrayIndex}`,
    submission: 's-1',
    arrayIndex,
    attempt: 1,
    startedAt: new Date(start).toISOString(),
    end: {
      endedAt: new Date(start + millis.useful + millis.idle).toISOString(),
      modelMillis: millis.useful,
    },
  }));
  const footers = attempts.flatMap(({ millis, parts }, at) =>
    Array.from({ length: parts }, (_, part) => ({
      attemptId: `a${at}`,
      inferenceMillis: part === 0 ? millis.useful : 0,
      tokens: 0,
      results: { rows: 1, sizeBytes: 1, sha256: '' },
    })),
  );
  return { attempts: records, footers, endedAtMillis: start };
}

test('with the durations of the quote the ledger charges the quote, to 1e-9 USD', () => {
  fc.assert(
    fc.property(jobs, ({ items, bytesPerItem, deadlineMs, lane, mixed }) => {
      const bytes = items * bytesPerItem;
      const decision = decideLive(
        { items, bytes, deadlineMs, lane, mixed, maxUsd: undefined, accepts: 'job' },
        state,
      );
      const { chosen } = decision;
      assert.ok(chosen !== undefined);
      const quote = quotePlan(chosen.plan, decision.request, state);
      const route = jobRouteOf({ ...decision, chosen }, state);

      const charged = attemptRows(
        { id: 'j', tenant: 't', model: 'm', lane: route.lane, ...recordsOf(quote.attempts) },
        testRates(),
      );

      assert.ok(quote.attempts.length > 0);
      assert.ok(Math.abs(totalUsd(charged).toNumber() - route.quote.usd) <= 1e-9);
      // The smooth price that plans are compared by is close to it: whole cells, whole milliseconds.
      if (route.lane === 'cpu-fleet') {
        const cellUsd = 2 * (testRates().s3.usdPerPut + testRates().s3.usdPerGet);
        const millisUsd = 1e-7 * quote.attempts.length;
        assert.ok(Math.abs(chosen.usd - route.quote.usd) <= cellUsd + millisUsd);
      }
    }),
  );
});

test('an answer inside the request is quoted as its row will be charged', () => {
  const decision = decideLive(
    {
      items: 4,
      bytes: 400,
      deadlineMs: undefined,
      lane: 'cpu',
      maxUsd: undefined,
      accepts: 'answer',
    },
    state,
  );
  assert.ok(decision.chosen !== undefined);

  const quote = quotePlan(decision.chosen.plan, decision.request, state);

  assert.ok(Math.abs(quote.usd - decision.chosen.usd) < 1e-7);
  assert.deepEqual(quote.attempts, []);
});
