import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededFractions } from '#core/chaos/kill-schedule.ts';
import { decideRoute } from '#core/routing/decide-route.ts';
import { generateArrivals, readArrivals } from '#core/routing/replay/arrivals.ts';
import { calibrate } from '#core/routing/replay/calibration.ts';
import { prepareJobs, replayJob } from '#core/routing/replay/replay-jobs.ts';
import {
  policiesNamed,
  type ReplayPolicy,
  replayPolicies,
} from '#core/routing/replay/replay-policies.ts';
import { replayWorkload, type Workload } from '#core/routing/replay/replay-workload.ts';
import {
  quoteMoments,
  replayArrivals,
  replayJobs,
  replayState,
  SETUP_SECONDS,
} from '../../fixtures/routing/replay-scene.ts';

const state = replayState();
const workload: Workload = {
  arrivals: replayArrivals(3_000),
  requestDeadlineSeconds: 5,
  jobs: prepareJobs(replayJobs(2, 5), state),
  state,
  seed: 5,
};
const rows = new Map(replayWorkload(workload, replayPolicies).map((row) => [row.policy, row]));
const rowOf = (name: string) => {
  const row = rows.get(name);
  assert.ok(row, name);
  return row;
};

test('the router misses nothing that can be met, near the optimum', () => {
  const { jobs, missed, attainment } = rowOf('router');

  assert.equal(missed, 0);
  assert.equal(attainment, 1);
  assert.ok(jobs.median <= 1.1, `median ${jobs.median}`);
  assert.ok(jobs.p95 <= 1.6, `p95 ${jobs.p95}`);
  // A mix of lanes may cost less than the best of the pure ones, which the optimum is.
  assert.ok(jobs.total <= 1.05, `total ${jobs.total}`);
});

test('every fixed policy costs more or misses more', () => {
  const router = rowOf('router');
  for (const name of ['always-cpu', 'always-gpu', 'threshold']) {
    const { usd, missed } = rowOf(name);
    assert.ok(usd > router.usd || missed > router.missed, `${name}: $${usd}, ${missed} missed`);
  }
});

test('nothing but a mix of lanes costs less than knowing the future', () => {
  const { usd, jobs, missed } = rowOf('clairvoyant');
  assert.equal(missed, 0);
  assert.equal(jobs.feasible, rowOf('router').jobs.feasible);
  assert.ok(usd < rowOf('always-cpu').usd);
  assert.ok(rowOf('router').requests.usd >= rowOf('clairvoyant').requests.usd);
});

test('no job in one lane costs less than the optimum of one lane', () => {
  const pure: ReplayPolicy = {
    ...(policiesNamed(['router'])[0] as ReplayPolicy),
    name: 'one-lane',
    planOf: (request, where) => decideRoute({ ...request, allowsMixed: false }, where).chosen.plan,
  };
  const policies = [pure, ...policiesNamed(['always-cpu', 'always-gpu', 'threshold'])];
  let seen = 0;
  for (const policy of policies) {
    const fraction = seededFractions(9);
    for (const job of workload.jobs) {
      const { usd, isOnTime, optimumUsd, plan } = replayJob(job, policy, fraction);
      if (!isOnTime) continue;
      seen += 1;
      const what = `${policy.name} ${JSON.stringify(plan)}: ${usd} under ${optimumUsd}`;
      assert.ok(usd >= optimumUsd * (1 - 1e-9), what);
    }
  }
  assert.ok(seen > 20, String(seen));
});

test('what no environment could answer in time is missed by nobody', () => {
  const hurried = { ...workload, requestDeadlineSeconds: 1e-6 };
  for (const { requests, missed, attainment } of replayWorkload(
    hurried,
    policiesNamed(['router']),
  )) {
    assert.equal(requests.late, requests.requests);
    assert.equal(missed, 0);
    assert.equal(attainment, 1);
  }
});

test('the same seed replays the same', () => {
  const [again] = replayWorkload(workload, policiesNamed(['router']));
  assert.deepEqual(again, rowOf('router'));
});

test('quoted chances come true about as often as they say', () => {
  for (const { quotes, quoted, observed } of calibrate(quoteMoments(150, 5), SETUP_SECONDS)) {
    // 150 moments with up to 28 quotes each hang together: a loose bound. The bench asks 3,000.
    if (quotes < 100) continue;
    assert.ok(Math.abs(quoted - observed) < 0.2, `${quoted} came true as ${observed}`);
  }
});

const options = { tokens: 128, tokenLimit: 512 };

test('traces of requests and of counts become arrivals', () => {
  const fraction = seededFractions(1);
  const single = readArrivals(
    [
      { t_s: '0.5', input_tokens: '9000' },
      { t_s: '2', input_tokens: '30' },
    ],
    options,
    fraction,
  );
  assert.deepEqual(single, [
    { seconds: 0.5, tokens: 512 },
    { seconds: 2, tokens: 30 },
  ]);
  const counted = readArrivals(
    [
      { timestamp: '2026-01-01 00:00:00', requests: '3' },
      { timestamp: '2026-01-01 00:05:00', requests: '0' },
      { timestamp: '2026-01-01 00:10:00', requests: '2' },
    ],
    options,
    fraction,
  );
  assert.equal(counted.length, 5);
  assert.ok(counted.every(({ seconds }, at) => seconds >= (counted[at - 1]?.seconds ?? 0)));
  assert.equal(counted.filter(({ seconds }) => seconds < 300).length, 3);
  assert.equal(counted.filter(({ seconds }) => seconds >= 600 && seconds < 900).length, 2);
});

test('a trace that cannot be read is refused with what it lacks', () => {
  const fraction = seededFractions(1);
  for (const bad of [[], [{ a: '1' }], [{ t_s: 'x' }], [{ timestamp: '2026-01-01 00:00:00' }]]) {
    assert.throws(() => readArrivals(bad, options, fraction), { code: 'invalid_setting' });
  }
  assert.throws(() => policiesNamed(['router', 'dice']), { code: 'invalid_setting' });
});

test('made-up arrivals come at the rate that was asked for', () => {
  const arrivals = generateArrivals({ perHour: 600, hours: 96, tokens: 20 }, seededFractions(3));
  const perHour = arrivals.length / 96;
  assert.ok(perHour > 500 && perHour < 800, String(perHour));
});
