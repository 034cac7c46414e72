import { secondsAt } from '../curves/quantiles.ts';
import type { GpuPool, OnDemandMarket, RouterState, SpotMarket } from '../state/router-state.ts';
import { bulkSeconds, bulkUsd } from './cpu-plans.ts';
import {
  type Candidate,
  type PriceTerms,
  priceTerms,
  type RouteRequest,
  totalUsd,
} from './route-plan.ts';

const HOUR = 3600;

export interface OnDemandWork {
  readonly pool: GpuPool;
  readonly market: OnDemandMarket;
  readonly tokens: number;
  readonly instances: number;
}

/** Undisturbed work of one of `instances` that share the tokens. */
export function gpuRunSeconds(pool: GpuPool, tokens: number, instances: number): number {
  return (tokens * pool.perTokenSeconds) / instances;
}

export function onDemandSecondsAt(
  state: RouterState,
  { pool, market, tokens, instances }: OnDemandWork,
  level: number,
): number {
  return (
    bulkSeconds(state, tokens) +
    secondsAt(market.start, level) +
    gpuRunSeconds(pool, tokens, instances)
  );
}

/** What `instances` cost for `runSeconds` each, without what a job costs anywhere. */
export function instanceTerms(
  pool: GpuPool,
  market: OnDemandMarket | SpotMarket,
  run: { readonly instances: number; readonly runSeconds: number; readonly lostSeconds?: number },
): PriceTerms {
  const { runSeconds, instances, lostSeconds = 0 } = run;
  const usdPerSecond = (market.usdPerHour / HOUR) * instances;
  const billedSeconds =
    market.billedSetupSeconds + runSeconds + lostSeconds + market.billedDrainSeconds;
  return priceTerms({
    run: runSeconds * usdPerSecond,
    boot: market.billedSetupSeconds * usdPerSecond,
    lost: lostSeconds * usdPerSecond,
    idle: market.billedDrainSeconds * usdPerSecond,
    disk: billedSeconds * (pool.extrasUsdPerHour / HOUR) * instances,
  });
}

export function onDemandTerms({ pool, market, tokens, instances }: OnDemandWork): PriceTerms {
  const runSeconds = gpuRunSeconds(pool, tokens, instances);
  return instanceTerms(pool, market, { instances, runSeconds });
}

/**
 * On-demand instances of each pool: the fewest that are on time (more never cost less), one, and as
 * many as allowed.
 */
export function onDemandCandidates(
  request: RouteRequest,
  state: RouterState,
): readonly Candidate[] {
  if (!request.acceptsJob) return [];
  return state.gpus.flatMap((pool) => {
    const market = pool.onDemand;
    if (market === undefined) return [];
    const counts = new Set([1, onTimeInstances(request, state, pool, market), market.maxInstances]);
    return [...counts].map((instances) =>
      onDemandCandidate(request, state, { pool, market, tokens: request.tokens, instances }),
    );
  });
}

function onDemandCandidate(
  request: RouteRequest,
  state: RouterState,
  work: OnDemandWork,
): Candidate {
  const { pool, instances } = work;
  return {
    plan: { kind: 'on-demand', pool: pool.pool, instances },
    finishSeconds: onDemandSecondsAt(state, work, state.target),
    usd: totalUsd(onDemandTerms(work)) + bulkUsd(state, request.tokens),
  };
}

function onTimeInstances(
  request: RouteRequest,
  state: RouterState,
  pool: GpuPool,
  market: OnDemandMarket,
): number {
  const { deadlineSeconds, tokens } = request;
  if (deadlineSeconds === undefined) return 1;
  for (let instances = 1; instances < market.maxInstances; instances += 1) {
    const work = { pool, market, tokens, instances };
    if (onDemandSecondsAt(state, work, state.target) <= deadlineSeconds) return instances;
  }
  return market.maxInstances;
}
