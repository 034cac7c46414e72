import { SwitchyardError } from '../../switchyard-error.ts';
import type { RouterState } from '../state/router-state.ts';
import { bridgeSecondsAt, bridgeTerms } from './bridge-plans.ts';
import { bulkUsd, fleetSecondsAt, fleetTerms, inlineSecondsAt, inlineTerms } from './cpu-plans.ts';
import { onDemandSecondsAt, onDemandTerms } from './gpu-plans.ts';
import type { PriceTerms, RoutePlan, RouteRequest } from './route-plan.ts';
import { spotSecondsAt, spotTerms } from './spot-plans.ts';

/** Everything that is foretold of one plan. */
interface PlanEstimate {
  /** Finish time that is not exceeded with chance `level`. */
  secondsAt(level: number): number;
  /** Without what a job costs in any lane. */
  terms(): PriceTerms;
}

/** Finish time by chance. Throws `lane_unavailable` where the state has no such lane. */
export function planSecondsAt(
  plan: RoutePlan,
  request: RouteRequest,
  state: RouterState,
): (level: number) => number {
  const { secondsAt } = estimatePlan(plan, request, state);
  return secondsAt;
}

/** Expected dollars by what they are for. Throws `lane_unavailable` where the state has no such lane. */
export function planTerms(plan: RoutePlan, request: RouteRequest, state: RouterState): PriceTerms {
  const terms = estimatePlan(plan, request, state).terms();
  if (plan.kind === 'inline') return terms;
  return { ...terms, bookkeeping: bulkUsd(state, request.tokens) };
}

function estimatePlan(plan: RoutePlan, request: RouteRequest, state: RouterState): PlanEstimate {
  const { tokens } = request;
  if (plan.kind === 'inline') {
    const lane = present(state.inline);
    return {
      secondsAt: (level) => inlineSecondsAt(lane, request, level),
      terms: () => inlineTerms(lane, request),
    };
  }
  if (plan.kind === 'fleet') {
    const lane = present(state.fleet);
    const { width } = plan;
    return {
      secondsAt: (level) => fleetSecondsAt(state, { lane, tokens, width }, level),
      terms: () => fleetTerms(lane, tokens, width),
    };
  }
  return estimateOnPool(plan, tokens, state);
}

function estimateOnPool(
  plan: Exclude<RoutePlan, { kind: 'inline' | 'fleet' }>,
  tokens: number,
  state: RouterState,
): PlanEstimate {
  const pool = present(state.gpus.find((each) => each.pool === plan.pool));
  const { instances } = plan;
  if (plan.kind === 'spot') {
    const work = { pool, market: present(pool.spot), tokens, instances, net: plan.net };
    return {
      secondsAt: (level) => spotSecondsAt(state, work, level),
      terms: () => spotTerms(state, work),
    };
  }
  const market = present(pool.onDemand);
  if (plan.kind === 'on-demand') {
    const work = { pool, market, tokens, instances };
    return {
      secondsAt: (level) => onDemandSecondsAt(state, work, level),
      terms: () => onDemandTerms(work),
    };
  }
  const { width, fleetUntil } = plan;
  const fleet = present(state.fleet);
  const work = { pool, market, fleet, tokens, instances, width, fleetUntil };
  return {
    secondsAt: (level) => bridgeSecondsAt(state, work, level),
    terms: () => bridgeTerms(state, work),
  };
}

function present<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new SwitchyardError(
    'lane_unavailable',
    'the plan needs a lane that this state does not have; use it with the state it was made from',
  );
}
