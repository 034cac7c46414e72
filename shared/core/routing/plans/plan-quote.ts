import type { Lane } from '../../contract/lane.ts';
import { answerLines } from '../../cost/answer-lines.ts';
import { attemptLines } from '../../cost/attempt-rows.ts';
import type { AttemptMillis } from '../../cost/charge-lines.ts';
import type { ChargeLine } from '../../cost/ledger-row.ts';
import { sumUsd, type Usd } from '../../cost/usd.ts';
import type { LiveState } from '../state/live-state.ts';
import { bridgeFleetTokens } from './bridge-plans.ts';
import { inlineRunSeconds } from './cpu-plans.ts';
import { gpuRunSeconds } from './gpu-plans.ts';
import { lanesOf, type RoutePlan, type RouteRequest } from './route-plan.ts';

/** One worker of a plan as it is foretold. */
interface ForetoldAttempt {
  readonly lane: Lane;
  /** Whose price is taken; undefined outside the GPU lanes. */
  readonly instanceType: string | undefined;
  readonly millis: AttemptMillis;
  readonly parts: number;
}

/** What a plan will be charged, if it takes the time that is foretold. */
export interface PlanQuote {
  readonly usd: number;
  /** The same, not rounded to a number. */
  readonly exactUsd: Usd;
  /** Empty for an answer inside the request. */
  readonly attempts: readonly ForetoldAttempt[];
}

/**
 * Prices a plan by the very lines that will charge it: with the foretold durations the ledger comes to
 * the same sum. A decision compares plans by smooth prices, which differ from this in the rounding of
 * durations to whole milliseconds and of work to whole cells.
 */
export function quotePlan(plan: RoutePlan, request: RouteRequest, state: LiveState): PlanQuote {
  const { rates, router } = state;
  if (plan.kind === 'inline') {
    const { inline } = router;
    const seconds = inline === undefined ? 0 : inlineRunSeconds(inline, request);
    return priced(answerLines(seconds * 1_000, rates), []);
  }
  const attempts = foretoldAttempts(plan, request, state);
  const lines = attempts.flatMap((each) => attemptLines(each, rates));
  return priced(lines, attempts);
}

function foretoldAttempts(
  plan: Exclude<RoutePlan, { kind: 'inline' }>,
  request: RouteRequest,
  state: LiveState,
): readonly ForetoldAttempt[] {
  if (plan.kind === 'bridge') return foretoldBridge(plan, request, state);
  const { tokens } = request;
  const { router } = state;
  const { fleet } = router;
  const [lane = 'cpu-fleet'] = lanesOf(plan);
  const cells = Math.max(1, Math.ceil(tokens / Math.max(1, fleet?.cellTokens ?? tokens)));
  const workers = Math.min(workersOf(plan), cells);
  const useful = usefulSeconds(plan, tokens, router) / workers;
  const idle = idleSeconds(plan, router);
  return Array.from({ length: workers }, (_, worker) => ({
    lane,
    instanceType: plan.kind === 'fleet' ? undefined : plan.pool,
    millis: { useful: Math.round(useful * 1_000), idle: Math.round(idle * 1_000), lost: 0 },
    // The first ones take a cell more where they do not divide evenly.
    parts: Math.floor((cells - worker - 1) / workers) + 1,
  }));
}

/** Each lane by its expected share of the tokens, as if it had a plan of its own. */
function foretoldBridge(
  plan: Extract<RoutePlan, { kind: 'bridge' }>,
  request: RouteRequest,
  state: LiveState,
): readonly ForetoldAttempt[] {
  const { fleet, gpus } = state.router;
  const pool = gpus.find((each) => each.pool === plan.pool);
  const market = pool?.onDemand;
  if (fleet === undefined || pool === undefined || market === undefined) return [];
  const { tokens } = request;
  const fleetTokens = bridgeFleetTokens({ ...plan, pool, market, fleet, tokens });
  const gpu = { kind: 'on-demand', pool: plan.pool, instances: plan.instances } as const;
  const rest = { ...request, tokens: tokens - fleetTokens };
  const share = { ...request, tokens: fleetTokens };
  return [
    ...foretoldAttempts(gpu, rest, state),
    ...foretoldAttempts({ kind: 'fleet', width: plan.width }, share, state),
  ];
}

/** Worker processes of a plan, or instances. */
export function workersOf(plan: RoutePlan): number {
  if (plan.kind === 'inline') return 1;
  if (plan.kind === 'bridge') return plan.instances + plan.width;
  return plan.kind === 'fleet' ? plan.width : plan.instances;
}

function usefulSeconds(
  plan: Exclude<RoutePlan, { kind: 'inline' }>,
  tokens: number,
  { fleet, gpus }: LiveState['router'],
): number {
  if (plan.kind === 'fleet') return tokens * (fleet?.perTokenSeconds ?? 0);
  const pool = gpus.find((each) => each.pool === plan.pool);
  return pool === undefined ? 0 : gpuRunSeconds(pool, tokens, 1);
}

/** Of one worker's life, besides the model. */
function idleSeconds(
  plan: Exclude<RoutePlan, { kind: 'inline' }>,
  { fleet, gpus }: LiveState['router'],
): number {
  if (plan.kind === 'fleet') return fleet?.billedInitSeconds ?? 0;
  const pool = gpus.find((each) => each.pool === plan.pool);
  const market = plan.kind === 'spot' ? pool?.spot : pool?.onDemand;
  if (pool === undefined || market === undefined) return 0;
  return pool.workerIdleSeconds ?? market.billedSetupSeconds + market.billedDrainSeconds;
}

function priced(lines: readonly ChargeLine[], attempts: PlanQuote['attempts']): PlanQuote {
  const exactUsd = sumUsd(lines.map(({ usd }) => usd));
  return { usd: exactUsd.toNumber(), exactUsd, attempts };
}
