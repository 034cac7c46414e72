import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import {
  IDLE_LIFE_MILLIS,
  noCalls,
  recordPing,
  recordRequest,
} from '#core/warming/avoided-cold-starts.ts';
import { environmentsToKeep, scheduleOfDay } from '#core/warming/environments-to-keep.ts';
import { MOST_ROUNDS, nextRound, type PingOutcome } from '#core/warming/plan-pings.ts';
import { priceOfWarmth, type WarmthPlan } from '#core/warming/price-of-warmth.ts';
import { replayArrivals } from '#core/warming/replay-arrivals.ts';
import { MOST_HOLD_MILLIS, warmUpPing, warmUpPingSchema } from '#core/warming/warm-up-ping.ts';
import { answerOf, failed } from '../../fixtures/warming/ping-answers.ts';

const minuteMillis = 60_000;
const prices = openShippedPrices({ today: '2026-11-24' });

test('pings are sent again, all of them and held longer, until the environments are distinct', () => {
  const wanted = { environments: 3, holdMillis: 100 };
  assert.deepEqual(nextRound(wanted, []), { pings: 3, holdMillis: 100 });
  const shared = [answerOf('a'), answerOf('a'), answerOf('b')];
  assert.deepEqual(nextRound(wanted, [shared]), { pings: 3, holdMillis: 400 });
  // Those of both rounds count: an environment stays warm though no ping met it again.
  assert.equal(nextRound(wanted, [shared, [answerOf('b'), answerOf('c'), failed('x')]]), undefined);
});

test('pings end: after three rounds, and at once where all of them failed', () => {
  const wanted = { environments: 2, holdMillis: 100 };
  const same = [answerOf('a'), answerOf('a')];
  const rounds: (readonly PingOutcome[])[] = [];
  while (nextRound(wanted, rounds) !== undefined) rounds.push(same);
  assert.equal(rounds.length, MOST_ROUNDS);
  assert.equal(nextRound(wanted, [[failed('throttled'), failed('throttled')]]), undefined);
  assert.equal(nextRound({ ...wanted, environments: 0 }, [[]]), undefined);
});

test('no ping holds an environment longer than allowed, and only pings are read as pings', () => {
  const property = fc.property(
    fc.nat(MOST_HOLD_MILLIS),
    fc.integer({ min: 1, max: 2 }),
    (holdMillis, n) => {
      const rounds = Array.from({ length: n }, () => [answerOf('a')]);
      const round = nextRound({ environments: 5, holdMillis }, rounds);
      assert.ok(round !== undefined && round.holdMillis <= MOST_HOLD_MILLIS);
      assert.ok(warmUpPingSchema.safeParse(warmUpPing(round.holdMillis)).success);
    },
  );
  fc.assert(property, { numRuns: 50 });
  const fromOutside = { ...warmUpPing(0), httpMethod: 'POST', resource: '/predict' };
  assert.equal(warmUpPingSchema.safeParse(fromOutside).success, false);
});

test('a request counts as an avoided cold start only where pings alone explain the warmth', () => {
  const early = recordRequest(noCalls, 0);
  assert.equal(early.avoided, 0, 'the cold start of the caller itself was not avoided');
  assert.equal(recordRequest(early, minuteMillis).avoided, 0, 'warm by the request before');

  const pinged = recordPing(noCalls);
  const first = recordRequest(pinged, minuteMillis);
  assert.equal(first.avoided, 1, 'a ping had started it');
  assert.equal(recordRequest(first, 2 * minuteMillis).avoided, 1, 'counted once');

  const soon = recordRequest(recordPing(early), IDLE_LIFE_MILLIS);
  assert.equal(soon.avoided, 0, 'it would have lived that long by itself');
  const late = recordRequest(recordPing(early), IDLE_LIFE_MILLIS + 1);
  assert.equal(late.avoided, 1, 'only the pings had kept it');
  assert.equal(recordPing(late).avoided, 0, 'the ping takes the count with it');
});

const quiet = {
  arrivalMillis: Array.from({ length: 48 }, (_, at) => at * 30 * minuteMillis),
  serviceMillis: 50,
  initMillis: 1_500,
};

test('one kept environment takes the cold starts of sparse traffic, none are kept without traffic', () => {
  assert.equal(replayArrivals(quiet, 0).coldStarts, 48);
  assert.deepEqual(environmentsToKeep(quiet, { coldShare: 0.01, most: 10 }), {
    environments: 1,
    replay: { requests: 48, coldStarts: 0, peakEnvironments: 1 },
    avoided: 48,
  });
  const none = { ...quiet, arrivalMillis: [] };
  assert.equal(environmentsToKeep(none, { coldShare: 0, most: 10 }).environments, 0);
});

test('keeping more never means more cold starts, and the target is met where it can be', () => {
  const arrivals = fc.array(fc.nat(3_600_000), { minLength: 1, maxLength: 60 });
  const property = fc.property(
    arrivals,
    fc.integer({ min: 1, max: 4_000 }),
    (times, serviceMillis) => {
      const arrivalMillis = times.toSorted((a, b) => a - b);
      const history = { arrivalMillis, serviceMillis, initMillis: 1_500 };
      const cold = [0, 1, 2, 3, 4].map((kept) => replayArrivals(history, kept).coldStarts);
      for (const [at, count] of cold.slice(1).entries())
        assert.ok(count <= (cold[at] ?? 0), `${cold}`);
      const { environments, replay } = environmentsToKeep(history, { coldShare: 0, most: 60 });
      assert.ok(environments <= replayArrivals(history, 0).peakEnvironments);
      if (environments > 0) assert.ok(replay.coldStarts <= (cold[0] ?? 0));
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test('the schedule of a day follows its traffic', () => {
  const burst = Array.from({ length: 200 }, (_, at) => 9 * 60 * minuteMillis + at * 10);
  const history = { ...quiet, arrivalMillis: [...burst, 20 * 60 * minuteMillis] };
  const hours = scheduleOfDay(history, { coldShare: 0.02, most: 100 });
  assert.equal(hours.length, 24);
  assert.ok((hours[9] ?? 0) >= 5, `${hours}`);
  assert.equal(hours[20], 1);
  assert.equal(hours[3], 0);
});

const plan: WarmthPlan = {
  environments: 5,
  memoryMib: 2_048,
  architecture: 'x86_64',
  region: 'us-east-1',
  pingEveryMinutes: 5,
  pingMillis: 100,
  initMillis: 1_500,
  recycledPerMonth: 0,
  requestsPerMonth: 0,
  requestMillis: 50,
  avoidedColdStartsPerMonth: 500,
};

test('five pinged environments cost cents, five provisioned ones $109.50 a month', () => {
  const lookup = priceOfWarmth(plan, prices);
  assert.ok(lookup.kind === 'found');
  const { price } = lookup;
  // 5 x 8,760 pings of 0.1 s at 2 GB: 43,800 x (0.0000002 + 0.2 x 0.0000166667).
  assert.equal(price.pingsUsd.toFixed(6), '0.154760');
  // 5 x 2 GB x 730 h x 3,600 s x 0.0000041667.
  assert.equal(price.provisionedUsd.toFixed(2), '109.50');
  assert.equal(price.cheaper, 'pings');
  assert.equal(price.pingsUsdPerAvoided?.toFixed(6), '0.000310');
});

test('a provisioned slot of one vCPU pays for itself above 31.5 million requests a month', () => {
  const lookup = priceOfWarmth({ ...plan, environments: 1, memoryMib: 1_769 }, prices);
  assert.ok(lookup.kind === 'found');
  assert.ok(Math.abs(lookup.price.provisionedPaysAbove - 31_536_000) < 50_000);
  const busy = priceOfWarmth({ ...plan, requestsPerMonth: 400_000_000 }, prices);
  assert.ok(busy.kind === 'found' && busy.price.cheaper === 'provisioned');
  assert.ok(busy.price.provisionedUsd.lt(0), 'it saves more than it costs');
});

test('without avoided cold starts there is no price of one, and no price is borrowed', () => {
  const idle = priceOfWarmth({ ...plan, avoidedColdStartsPerMonth: 0 }, prices);
  assert.ok(idle.kind === 'found');
  assert.equal(idle.price.pingsUsdPerAvoided, undefined);
  const elsewhere = priceOfWarmth({ ...plan, region: 'eu-west-1' }, prices);
  assert.equal(elsewhere.kind, 'unknown');
});
