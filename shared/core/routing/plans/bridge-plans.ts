import { meanSeconds, secondsAt } from '../curves/quantiles.ts';
import type { FleetLane, GpuPool, OnDemandMarket, RouterState } from '../state/router-state.ts';
import { bulkSeconds, bulkUsd, fleetTerms } from './cpu-plans.ts';
import { gpuRunSeconds, instanceTerms } from './gpu-plans.ts';
import { type Candidate, type PriceTerms, type RouteRequest, totalUsd } from './route-plan.ts';
import { instanceCounts } from './spot-plans.ts';

/** A fleet and on-demand instances on one job. */
export interface BridgeWork {
  readonly pool: GpuPool;
  readonly market: OnDemandMarket;
  readonly fleet: FleetLane;
  readonly tokens: number;
  readonly instances: number;
  readonly width: number;
  readonly fleetUntil: 'boot' | 'end';
}

/** Seconds from the decision to each lane's first row. */
export interface BridgeStarts {
  readonly fleetSeconds: number;
  readonly gpuSeconds: number;
}

/** How much the fleet does, and when the last row is done; both grow with the tokens. */
function shareWork(
  work: BridgeWork,
  { fleetSeconds, gpuSeconds }: BridgeStarts,
): { readonly fleetTokens: number; readonly endSeconds: number } {
  const { fleet, pool, tokens, instances, width } = work;
  const fleetSpeed = width / fleet.perTokenSeconds;
  const gpuSpeed = instances / pool.perTokenSeconds;
  // The fleet's workers end within a cell of each other.
  const unevenSeconds = Math.min(tokens, fleet.cellTokens) * fleet.perTokenSeconds;
  const byBoot = Math.max(0, gpuSeconds - fleetSeconds) * fleetSpeed;
  if (byBoot >= tokens) {
    const endSeconds = fleetSeconds + tokens / fleetSpeed + unevenSeconds;
    return { fleetTokens: tokens, endSeconds };
  }
  if (work.fleetUntil === 'boot') {
    const gpuRun = gpuRunSeconds(pool, tokens - byBoot, instances);
    return { fleetTokens: byBoot, endSeconds: gpuSeconds + gpuRun + unevenSeconds };
  }
  const gpuFirst = Math.max(0, fleetSeconds - gpuSeconds) * gpuSpeed;
  const left = Math.max(0, tokens - byBoot - gpuFirst);
  const seconds = left / (gpuSpeed + fleetSpeed);
  return {
    fleetTokens: byBoot + seconds * fleetSpeed,
    endSeconds: Math.max(fleetSeconds, gpuSeconds) + seconds + unevenSeconds,
  };
}

/** When a bridge ends and what it costs, without what a job costs anywhere, if the lanes start so late. */
export function bridgeOutcome(
  state: RouterState,
  work: BridgeWork,
  starts: BridgeStarts,
): { readonly endSeconds: number; readonly terms: PriceTerms } {
  const { fleet, pool, market, tokens, instances, width } = work;
  const { fleetTokens, endSeconds } = shareWork(work, starts);
  const runSeconds = gpuRunSeconds(pool, tokens - fleetTokens, instances);
  const ours = fleetTerms(fleet, fleetTokens, width);
  const theirs = instanceTerms(pool, market, { instances, runSeconds });
  return {
    endSeconds: bulkSeconds(state, tokens) + endSeconds,
    terms: { ...theirs, run: ours.run + theirs.run, init: ours.init, request: ours.request },
  };
}

export function bridgeSecondsAt(state: RouterState, work: BridgeWork, level: number): number {
  const starts = {
    fleetSeconds: secondsAt(work.fleet.start, level),
    gpuSeconds: secondsAt(work.market.start, level),
  };
  return bulkSeconds(state, work.tokens) + shareWork(work, starts).endSeconds;
}

/** Dollars at the mean start of each lane. */
export function bridgeTerms(state: RouterState, work: BridgeWork): PriceTerms {
  return bridgeOutcome(state, work, meanStarts(work)).terms;
}

/** Tokens that the fleet is expected to do. */
export function bridgeFleetTokens(work: BridgeWork): number {
  return shareWork(work, meanStarts(work)).fleetTokens;
}

function meanStarts({ fleet, market }: BridgeWork): BridgeStarts {
  return { fleetSeconds: meanSeconds(fleet.start), gpuSeconds: meanSeconds(market.start) };
}

/** Widths that are tried: each about a fifth wider than the one before. */
function bridgeWidths(most: number): readonly number[] {
  const widths: number[] = [];
  for (let width = 1; width < most; width = Math.ceil(width * 1.2)) widths.push(width);
  return [...widths, most];
}

/**
 * Of each kind of bridge the narrowest that is on time (a wider one never costs less and never ends
 * later), and the widest. Where the fleet costs less per token than the GPU it is the better plan alone
 * for as long as it is wide enough: beyond, all of it works to the end.
 */
export function bridgeCandidates(request: RouteRequest, state: RouterState): readonly Candidate[] {
  const { fleet } = state;
  if (fleet === undefined || !request.acceptsJob || !request.allowsMixed) return [];
  const { tokens } = request;
  const widths = bridgeWidths(fleet.maxWidth);
  return state.gpus.flatMap((pool) => {
    const market = pool.onDemand;
    if (market === undefined) return [];
    const isDearer = isFleetDearer(fleet, pool, market);
    return instanceCounts(market.maxInstances).flatMap((instances) =>
      bridgeKinds.flatMap((fleetUntil) => {
        const workOf = (width: number) => {
          return { pool, market, fleet, tokens, instances, width, fleetUntil };
        };
        if (!isDearer) {
          return fleetUntil === 'boot' ? [] : [bridgeCandidate(state, workOf(fleet.maxWidth))];
        }
        const narrowest = onTimeWidth(request, state, { widths, workOf });
        const chosen = new Set([narrowest, fleet.maxWidth]);
        return [...chosen].map((width) => bridgeCandidate(state, workOf(width)));
      }),
    );
  });
}

const bridgeKinds = ['boot', 'end'] as const;

function onTimeWidth(
  { deadlineSeconds = Infinity }: RouteRequest,
  state: RouterState,
  { widths, workOf }: { readonly widths: readonly number[]; workOf(width: number): BridgeWork },
): number {
  let low = 0;
  let high = widths.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const work = workOf(widths[middle] ?? 1);
    if (bridgeSecondsAt(state, work, state.target) <= deadlineSeconds) high = middle;
    else low = middle + 1;
  }
  return widths[low] ?? 1;
}

function isFleetDearer(fleet: FleetLane, pool: GpuPool, market: OnDemandMarket): boolean {
  const gpuUsd = ((market.usdPerHour + pool.extrasUsdPerHour) / 3600) * pool.perTokenSeconds;
  return fleet.usdPerSecond * fleet.perTokenSeconds >= gpuUsd;
}

function bridgeCandidate(state: RouterState, work: BridgeWork): Candidate {
  const { pool, instances, width, fleetUntil, tokens } = work;
  return {
    plan: { kind: 'bridge', pool: pool.pool, instances, width, fleetUntil },
    finishSeconds: bridgeSecondsAt(state, work, state.target),
    usd: totalUsd(bridgeTerms(state, work)) + bulkUsd(state, tokens),
  };
}
