import { decideRoute } from '#core/routing/decide-route.ts';
import { calibrate } from '#core/routing/replay/calibration.ts';
import { prepareJobs } from '#core/routing/replay/replay-jobs.ts';
import { replayPolicies } from '#core/routing/replay/replay-policies.ts';
import { type PolicyRow, replayWorkload } from '#core/routing/replay/replay-workload.ts';
import { greedyWithNet, paceBySlack, uniformProgress } from '#core/routing/spot/spot-policy.ts';
import { plainGreedy } from '../fixtures/routing/plain-greedy.ts';
import { requestOf } from '../fixtures/routing/random-state.ts';
import {
  quoteMoments,
  replayArrivals,
  replayJobs,
  replayState,
  SETUP_SECONDS,
} from '../fixtures/routing/replay-scene.ts';
import { seedState } from '../fixtures/routing/seed-state.ts';
import { jobsOf, scorePolicies, spotCells } from '../fixtures/routing/spot-table.ts';
import { spotZones } from '../fixtures/routing/spot-zones.ts';
import { benchLiveRoute } from './bench-live-route.ts';

const SEED = 5;
const JOBS_PER_KIND = 20;
const MOMENTS = 3_000;
/** For one text; an environment that has to start first makes it. */
const REQUEST_SECONDS = 5;

/**
 * The router against fixed policies and against what could have been: spot policies on the recorded
 * zones, a workload of requests and jobs, how true the quoted chances are, and what a decision takes.
 */
export async function benchRouter(): Promise<Record<string, unknown>> {
  const live = await benchLiveRoute();
  const { origin } = spotZones();
  console.log(`spot traces: ${origin}`);
  const state = replayState();
  const jobs = prepareJobs(replayJobs(JOBS_PER_KIND, SEED), state);
  const arrivals = replayArrivals(Infinity);
  const workload = { arrivals, requestDeadlineSeconds: REQUEST_SECONDS, jobs, state, seed: SEED };
  const policies = replayWorkload(workload, replayPolicies);
  console.table(policies.map(tableRow));
  const spot = spotCells.map(spotRow);
  console.table(spot);
  const deciles = calibrate(quoteMoments(MOMENTS, SEED), SETUP_SECONDS).map((decile) => ({
    quotes: decile.quotes,
    quoted: rounded(decile.quoted),
    observed: rounded(decile.observed),
  }));
  console.table(deciles);
  return {
    traces: origin,
    decision_microseconds: measureDecisions(),
    goal_decision_microseconds: 50,
    live_path: live,
    policies: policies.map(tableRow),
    spot_policies: spot,
    chance_deciles: deciles,
    largest_decile_gap: rounded(
      Math.max(...deciles.map(({ quoted, observed }) => Math.abs(quoted - observed))),
    ),
    goal_decile_gap: 0.07,
  };
}

function tableRow({ policy, usd, requests, jobs, missed, attainment, regretUsd }: PolicyRow) {
  return {
    policy,
    usd: rounded(usd),
    regret_usd: rounded(regretUsd),
    missed,
    attainment: rounded(attainment),
    jobs: jobs.jobs,
    jobs_over_optimum: rounded(jobs.total),
    jobs_median: rounded(jobs.median),
    jobs_p95: rounded(jobs.p95),
    request_usd: rounded(requests.usd),
    cold_starts: requests.coldStarts,
    p50_ms: rounded(requests.p50Seconds * 1_000),
    p95_ms: rounded(requests.p95Seconds * 1_000),
    p99_ms: rounded(requests.p99Seconds * 1_000),
  };
}

function spotRow(cell: (typeof spotCells)[number]) {
  const jobs = [...jobsOf(cell, spotZones().zones)];
  const { scores } = scorePolicies(jobs, {
    plainGreedy,
    greedyWithNet,
    uniformProgress,
    paceBySlack,
  });
  const shown = (name: keyof typeof scores) => {
    const { total, median, p95, late } = scores[name];
    return `${total.toFixed(3)} / ${median.toFixed(2)} / ${p95.toFixed(3)}, ${late} late`;
  };
  return {
    job: cell.label,
    starts: jobs.length,
    'plain net: total / median / p95': shown('plainGreedy'),
    'ours, greedy with net': shown('greedyWithNet'),
    'uniform progress': shown('uniformProgress'),
    'by slack (the router)': shown('paceBySlack'),
  };
}

/** CPU time of a decision, for one text and for a file; the best of three times ten thousand. */
function measureDecisions() {
  const state = seedState();
  const time = (items: number, deadlineSeconds: number): number => {
    const request = requestOf(items, { deadlineSeconds });
    const decideMany = (times: number): number => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1) decideRoute(request, state);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / times;
    };
    decideMany(20_000);
    return rounded(Math.min(...[1, 2, 3].map(() => decideMany(10_000))));
  };
  return { one_text: time(1, 2), one_million_rows: time(1_000_000, 3_600) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
