import { secondsAt } from '../curves/quantiles.ts';
import type { FleetLane, InlineLane, RouterState } from '../state/router-state.ts';
import {
  type Candidate,
  type PriceTerms,
  priceTerms,
  type RouteRequest,
  totalUsd,
} from './route-plan.ts';

// --- inside the request

export function inlineRunSeconds(lane: InlineLane, request: RouteRequest): number {
  return request.items * lane.perCallSeconds + request.tokens * lane.perTokenSeconds;
}

export function inlineSecondsAt(lane: InlineLane, request: RouteRequest, level: number): number {
  return coldSecondsAt(lane, level) + inlineRunSeconds(lane, request);
}

// Warm with chance 1 - coldShare: those are the lower levels.
function coldSecondsAt({ coldShare, init }: InlineLane, level: number): number {
  const warmShare = 1 - coldShare;
  if (level <= warmShare || coldShare === 0) return 0;
  return secondsAt(init, (level - warmShare) / coldShare);
}

export function inlineTerms(lane: InlineLane, request: RouteRequest): PriceTerms {
  return priceTerms({
    run: inlineRunSeconds(lane, request) * lane.usdPerSecond,
    init: lane.coldShare * lane.billedInitSeconds * lane.usdPerSecond,
    request: lane.usdPerRequest,
  });
}

/** The answer inside the request, where it is small enough for that. */
export function inlineCandidates(request: RouteRequest, state: RouterState): readonly Candidate[] {
  const lane = state.inline;
  if (lane === undefined || request.items > lane.maxItems) return [];
  if (inlineRunSeconds(lane, request) > lane.maxSeconds) return [];
  return [
    {
      plan: { kind: 'inline' },
      finishSeconds: inlineSecondsAt(lane, request, state.target),
      usd: totalUsd(inlineTerms(lane, request)),
    },
  ];
}

// --- a fleet of workers

/** Whole cells: a worker takes one at a time, so more workers than cells are of no use. */
function cellsOf(lane: FleetLane, tokens: number): number {
  return Math.max(1, Math.ceil(tokens / lane.cellTokens));
}

/** From the first row to the last on `width` workers. Never less with more tokens or fewer workers. */
export function fleetRunSeconds(lane: FleetLane, tokens: number, width: number): number {
  const cellSeconds = lane.cellTokens * lane.perTokenSeconds;
  const rounds = Math.ceil(cellsOf(lane, tokens) / width);
  return Math.min(tokens * lane.perTokenSeconds, rounds * cellSeconds);
}

/** Dollars for `tokens` on up to `width` workers, without what a job costs anywhere. */
export function fleetTerms(lane: FleetLane, tokens: number, width: number): PriceTerms {
  const runSeconds = tokens * lane.perTokenSeconds;
  const starts = Math.min(width, cellsOf(lane, tokens)) + runSeconds / lane.lifeSeconds;
  return priceTerms({
    run: runSeconds * lane.usdPerSecond,
    init: starts * lane.billedInitSeconds * lane.usdPerSecond,
    request: starts * lane.usdPerInvocation,
  });
}

export function bulkSeconds({ bulk }: RouterState, tokens: number): number {
  return bulk.fixedSeconds + bulk.perTokenSeconds * tokens;
}

export function bulkUsd({ bulk }: RouterState, tokens: number): number {
  return bulk.usdPerJob + bulk.usdPerToken * tokens;
}

export function fleetSecondsAt(
  state: RouterState,
  work: { readonly lane: FleetLane; readonly tokens: number; readonly width: number },
  level: number,
): number {
  const { lane, tokens, width } = work;
  return (
    bulkSeconds(state, tokens) + secondsAt(lane.start, level) + fleetRunSeconds(lane, tokens, width)
  );
}

/**
 * The narrowest fleet that is on time (all widths are candidates, and a wider one never costs less),
 * the narrowest of all and the widest of use.
 */
export function fleetCandidates(request: RouteRequest, state: RouterState): readonly Candidate[] {
  const lane = state.fleet;
  if (lane === undefined || !request.acceptsJob) return [];
  const { tokens } = request;
  const widest = Math.min(lane.maxWidth, cellsOf(lane, tokens));
  const widths = new Set([1, widest, onTimeWidth(request, state, lane)]);
  return [...widths]
    .filter((width) => width >= 1 && width <= widest)
    .map((width) => ({
      plan: { kind: 'fleet', width },
      finishSeconds: fleetSecondsAt(state, { lane, tokens, width }, state.target),
      usd: totalUsd(fleetTerms(lane, tokens, width)) + bulkUsd(state, tokens),
    }));
}

// The least width whose rounds of cells fit; one more where floating point rounds against it.
function onTimeWidth(request: RouteRequest, state: RouterState, lane: FleetLane): number {
  const { tokens, deadlineSeconds } = request;
  if (deadlineSeconds === undefined) return 1;
  const leftSeconds =
    deadlineSeconds - secondsAt(lane.start, state.target) - bulkSeconds(state, tokens);
  const rounds = Math.floor(leftSeconds / (lane.cellTokens * lane.perTokenSeconds));
  if (rounds < 1) return lane.maxWidth;
  const width = Math.ceil(cellsOf(lane, tokens) / rounds);
  const finishSeconds = fleetSecondsAt(state, { lane, tokens, width }, state.target);
  return finishSeconds <= deadlineSeconds ? width : width + 1;
}
