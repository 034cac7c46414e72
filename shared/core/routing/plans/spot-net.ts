import type { JobSafetyNet } from '../../jobs/safety-net.ts';
import { secondsAt } from '../curves/quantiles.ts';
import { scenarioSeconds } from '../spot/spot-outlook.ts';
import type { FleetLane, GpuPool, RouterState, SpotMarket } from '../state/router-state.ts';
import { bulkSeconds, fleetRunSeconds, fleetTerms } from './cpu-plans.ts';
import { gpuRunSeconds, instanceTerms } from './gpu-plans.ts';
import type { PriceTerms, SafetyNet } from './route-plan.ts';

/** The chance with which a safety net that fires holds: its start is planned at this level. */
const NET_LEVEL = 0.99;

export interface SpotWork {
  readonly pool: GpuPool;
  readonly market: SpotMarket;
  readonly tokens: number;
  readonly instances: number;
  readonly net: SafetyNet | undefined;
}

/** A net as it stands ready: its time for all of the work, and its dollars for a share of it. */
export interface ReadyNet {
  readonly workers: number;
  /** From the moment at which it is due: somebody has to look before it is asked for. */
  readonly startSeconds: number;
  readonly fullRunSeconds: number;
  terms(share: number): PriceTerms;
}

export function readyNet(state: RouterState, work: SpotWork): ReadyNet | undefined {
  const { pool, tokens, instances } = work;
  const { lookSeconds = 0 } = state.bulk;
  if (work.net?.lane === 'gpu-on-demand' && pool.onDemand !== undefined) {
    const market = pool.onDemand;
    const fullRunSeconds = gpuRunSeconds(pool, tokens, instances);
    return {
      workers: instances,
      startSeconds: secondsAt(market.start, NET_LEVEL) + lookSeconds,
      fullRunSeconds,
      terms: (share) =>
        instanceTerms(pool, market, { instances, runSeconds: share * fullRunSeconds }),
    };
  }
  const lane = state.fleet;
  if (work.net?.lane !== 'cpu-fleet' || lane === undefined) return undefined;
  return {
    workers: lane.maxWidth,
    startSeconds: fleetNetStartSeconds(lane) + lookSeconds,
    fullRunSeconds: fleetRunSeconds(lane, tokens, lane.maxWidth),
    terms: (share) => fleetTerms(lane, share * tokens, lane.maxWidth),
  };
}

/** A slow start of a fleet that takes over, and the cell by which its workers end unevenly. */
export function fleetNetStartSeconds(lane: FleetLane): number {
  return secondsAt(lane.start, NET_LEVEL) + lane.cellTokens * lane.perTokenSeconds;
}

/** Earliest time for which a net can still do all of the work; undefined where there is no such net. */
export function leastNetSeconds(state: RouterState, work: SpotWork): number | undefined {
  const net = readyNet(state, work);
  if (net === undefined) return undefined;
  return bulkSeconds(state, work.tokens) + net.startSeconds + net.fullRunSeconds;
}

/** The net of a plan as a running job needs it; undefined where there is none. */
export function jobNetOf(state: RouterState, work: SpotWork): JobSafetyNet | undefined {
  const ready = readyNet(state, work);
  if (ready === undefined || work.net === undefined) return undefined;
  const { market, net, pool, tokens, instances } = work;
  const { lookSeconds = 0 } = state.bulk;
  const [soonestRow = 0] = scenarioSeconds(market.outlook, 0);
  return {
    lane: net.lane,
    workers: ready.workers,
    bySeconds: net.bySeconds,
    startSeconds: ready.startSeconds - lookSeconds,
    runSeconds: ready.fullRunSeconds,
    spotRunSeconds: gpuRunSeconds(pool, tokens, instances),
    spotSetupSeconds: soonestRow,
    overheadSeconds: bulkSeconds(state, tokens),
    lookSeconds,
  };
}
