import { OUTLOOK_SCENARIOS, outlookSecondsAt, scenarioSeconds } from '../spot/spot-outlook.ts';
import type { GpuPool, RouterState } from '../state/router-state.ts';
import { bulkSeconds, bulkUsd } from './cpu-plans.ts';
import { gpuRunSeconds, instanceTerms } from './gpu-plans.ts';
import {
  addTerms,
  type Candidate,
  type PriceTerms,
  type RouteRequest,
  type SafetyNet,
  totalUsd,
} from './route-plan.ts';
import { leastNetSeconds, type ReadyNet, readyNet, type SpotWork } from './spot-net.ts';

/** Finish time at a level. All instances are taken to share their zone's luck. */
export function spotSecondsAt(state: RouterState, work: SpotWork, level: number): number {
  const runSeconds = gpuRunSeconds(work.pool, work.tokens, work.instances);
  const alone =
    bulkSeconds(state, work.tokens) + outlookSecondsAt(work.market.outlook, runSeconds, level);
  return work.net === undefined ? alone : Math.min(alone, work.net.bySeconds);
}

/** Expected dollars over the outlook's scenarios, without what a job costs anywhere. */
export function spotTerms(state: RouterState, work: SpotWork): PriceTerms {
  const net = readyNet(state, work);
  const shares = sharesOnSpot(state, work, net);
  const spotShare = shares.reduce((sum, share) => sum + share, 0) / OUTLOOK_SCENARIOS;
  let terms = ownTerms(work, spotShare);
  if (net === undefined || spotShare === 1) return terms;
  // Scenarios run from lucky to unlucky, so those without any spot are neighbours: one price for all.
  for (let from = 0; from < shares.length; ) {
    const share = shares[from] ?? 1;
    let to = from + 1;
    while (to < shares.length && shares[to] === share) to += 1;
    if (share < 1) terms = addTerms(terms, net.terms(1 - share), (to - from) / OUTLOOK_SCENARIOS);
    from = to;
  }
  return terms;
}

function ownTerms({ pool, market, tokens, instances }: SpotWork, spotShare: number): PriceTerms {
  const runSeconds = spotShare * gpuRunSeconds(pool, tokens, instances);
  const losses = (market.lossesPerHour * runSeconds) / 3600;
  const lostSeconds = losses * (market.billedSetupSeconds + market.reworkSeconds);
  return instanceTerms(pool, market, { instances, runSeconds, lostSeconds });
}

/**
 * Share of the work that each scenario does on spot before the net must take the rest. After the first
 * row, waiting is spread evenly over the work: the net fires when what is left of it just fits. Never
 * more with more work, never less with a later net.
 */
function sharesOnSpot(
  state: RouterState,
  { pool, market, tokens, instances, net }: SpotWork,
  ready: ReadyNet | undefined,
): readonly number[] {
  const runSeconds = gpuRunSeconds(pool, tokens, instances);
  const alone = scenarioSeconds(market.outlook, runSeconds);
  if (ready === undefined || net === undefined) return alone.map(() => 1);
  const overheadSeconds = bulkSeconds(state, tokens);
  const bySeconds = net.bySeconds - overheadSeconds;
  const firstRow = scenarioSeconds(market.outlook, 0);
  return alone.map((aloneSeconds, scenario) => {
    // Added as for the finish time: a net for exactly that moment must not fire by a rounding.
    if (overheadSeconds + aloneSeconds <= net.bySeconds) return 1;
    const idleSeconds = (firstRow[scenario] ?? 0) + ready.fullRunSeconds;
    const share = (bySeconds - ready.startSeconds - idleSeconds) / (aloneSeconds - idleSeconds);
    return Math.min(1, Math.max(0, share));
  });
}

/**
 * Spot with each safety net: planned for the deadline, and for as late as spot has ever taken (the
 * cheapest of its kind). A later net never costs more, so no other time of it can be chosen. Without
 * a net only where the caller wants spot and nothing else.
 */
export function spotCandidates(request: RouteRequest, state: RouterState): readonly Candidate[] {
  if (!request.acceptsJob) return [];
  return state.gpus.flatMap((pool) => {
    const market = pool.spot;
    if (market === undefined) return [];
    return instanceCounts(market.maxInstances).flatMap((instances) => {
      const work = { pool, market, tokens: request.tokens, instances, net: undefined };
      if (request.lane === 'gpu-spot') return [spotCandidate(state, work)];
      return netCandidates(request, state, work);
    });
  });
}

/** 1, 2, 4 … and the most. */
export function instanceCounts(most: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

function netCandidates(
  request: RouteRequest,
  state: RouterState,
  work: SpotWork,
): readonly Candidate[] {
  const longestSeconds = spotSecondsAt(state, work, 1);
  const lanes = request.allowsMixed
    ? (['gpu-on-demand', 'cpu-fleet'] as const)
    : (['gpu-on-demand'] as const);
  return lanes.flatMap((lane) => {
    const netted = (bySeconds: number): SpotWork => ({ ...work, net: { lane, bySeconds } });
    const leastSeconds = leastNetSeconds(state, netted(0));
    if (leastSeconds === undefined || !isDearer(state, work, lane)) return [];
    const latestSeconds = Math.max(longestSeconds, leastSeconds);
    const wanted = Math.min(request.deadlineSeconds ?? latestSeconds, latestSeconds);
    const times = wanted === latestSeconds ? [latestSeconds] : [wanted, latestSeconds];
    return times
      .filter((bySeconds) => bySeconds >= leastSeconds)
      .map((bySeconds) => spotCandidate(state, netted(bySeconds)));
  });
}

// A net that costs less per token than spot itself is a plan of its own, not a net.
function isDearer(state: RouterState, work: SpotWork, lane: SafetyNet['lane']): boolean {
  const { market, pool } = work;
  const lossShare =
    (market.lossesPerHour / 3600) * (market.billedSetupSeconds + market.reworkSeconds);
  const spotUsd =
    ((market.usdPerHour + pool.extrasUsdPerHour) * (1 + lossShare) * pool.perTokenSeconds) / 3600;
  return netUsdPerToken(state, pool, lane) >= spotUsd;
}

function netUsdPerToken({ fleet }: RouterState, pool: GpuPool, lane: SafetyNet['lane']): number {
  if (lane === 'cpu-fleet') return (fleet?.usdPerSecond ?? 0) * (fleet?.perTokenSeconds ?? 0);
  const usdPerHour = (pool.onDemand?.usdPerHour ?? 0) + pool.extrasUsdPerHour;
  return (usdPerHour * pool.perTokenSeconds) / 3600;
}

function spotCandidate(state: RouterState, work: SpotWork): Candidate {
  const { pool, instances, net, tokens } = work;
  return {
    plan: { kind: 'spot', pool: pool.pool, instances, net },
    finishSeconds: net === undefined ? spotSecondsAt(state, work, state.target) : net.bySeconds,
    usd: totalUsd(spotTerms(state, work)) + bulkUsd(state, tokens),
  };
}
