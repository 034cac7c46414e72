import type { BudgetEffect, BudgetStatus } from '../contract/budget.ts';
import type { Lane } from '../contract/lane.ts';
import type { RouteOffers } from '../contract/route-view.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { estimateTokens } from './curves/model-curves.ts';
import { decideRoute, type RouteDecision, type RouteReason } from './decide-route.ts';
import { type Candidate, lanesOf, type RouteRequest } from './plans/route-plan.ts';
import type { LiveState } from './state/live-state.ts';
import type { RouterState } from './state/router-state.ts';

/** A request or job as it came, before any token is counted. */
export interface RouteAsk {
  readonly items: number;
  /** Of all texts, in UTF-8. */
  readonly bytes: number;
  readonly deadlineMs: number | undefined;
  readonly lane: Lane | undefined;
  readonly maxUsd: number | undefined;
  /** `answer`: inside the request only; `either`: a job will do as well; `job`: nothing else. */
  readonly accepts: 'answer' | 'either' | 'job';
  /**
   * Most workers of a job.
   *
   * @default - as many as the lane has
   */
  readonly maxWorkers?: number | undefined;
  /**
   * Whether CPU and GPU may share a job, whose lines then name the variant that made them.
   *
   * @default - only where nothing else is on time
   */
  readonly mixed?: boolean | undefined;
}

type LiveReason =
  | RouteReason
  /** No deadline, and workers that stand idle: all that are of use, in the cheapest lane. */
  | 'cheapest-lane-idle-workers'
  /** The least dollars of what is on time: nothing in one lane is. */
  | 'only-mixed-on-time'
  /** Nothing is on time; the soonest that costs no more than allowed. */
  | 'soonest-within-price'
  /** The budget is used up: the least dollars, whatever the deadline. */
  | 'over-budget-cheapest'
  /** The budget is used up: the least dollars, as a job that starts with the next month. */
  | 'over-budget-queued';

/** Why a request is not taken as it is. */
type Refusal = 'deadline_infeasible' | 'price_limit_exceeded' | 'budget_exceeded';

/** What a budget did to a decision. */
export interface BudgetOutcome {
  readonly effect: BudgetEffect['effect'];
  readonly status: BudgetStatus;
  /** Of the plan without a budget; undefined where there was none. */
  readonly quotedUsd: string | undefined;
  /** From the decision to the start of the work. */
  readonly waitSeconds: number;
}

/** What is done with a request, and everything that could have been. */
export interface LiveDecision {
  readonly stateId: string;
  readonly request: RouteRequest;
  /** Undefined where the request is refused. */
  readonly chosen: Candidate | undefined;
  readonly reason: LiveReason | Refusal;
  readonly isOnTime: boolean;
  /** Cheapest first; empty where nothing can be done in the way that the caller accepts. */
  readonly candidates: readonly Candidate[];
  /**
   * Of a tenant with a budget.
   *
   * @default - there is none
   */
  readonly budget?: BudgetOutcome;
}

/**
 * Decides a live request from a state: the same function and the same state give the same answer to
 * whoever asks for an explanation later. Throws `lane_unavailable` for a lane that is not there.
 */
export function decideLive(ask: RouteAsk, state: LiveState): LiveDecision {
  const asked = routeRequestOf(ask, state);
  const inOneLane = decide(ask, asked, state);
  const mixed = inOneLane && decideMixed(ask, { request: asked, decision: inOneLane }, state);
  const { request, decision } = mixed ?? { request: asked, decision: inOneLane };
  const base = { stateId: state.router.stateId, request };
  if (decision === undefined) {
    return { ...base, chosen: undefined, reason: 'deadline_infeasible', ...nothing };
  }
  const { candidates, isOnTime } = decision;
  const picked = pick(ask, decision, state);
  const isMixed = mixed !== undefined && picked.reason === 'cheapest-on-time';
  const reason = isMixed ? 'only-mixed-on-time' : picked.reason;
  return { ...base, ...picked, reason, isOnTime, candidates };
}

interface Decided {
  readonly request: RouteRequest;
  readonly decision: RouteDecision;
}

/** The decision with mixes, where the caller left that open and a deadline is met in no other way. */
function decideMixed(ask: RouteAsk, known: Decided, state: LiveState): Decided | undefined {
  const { isOnTime } = known.decision;
  if (isOnTime || ask.accepts === 'answer' || ask.lane !== undefined || ask.mixed !== undefined) {
    return undefined;
  }
  const request = { ...known.request, allowsMixed: true };
  const decision = decide(ask, request, state);
  return decision?.isOnTime === true ? { request, decision } : undefined;
}

const nothing = { isOnTime: false, candidates: [] } as const;

function routeRequestOf(ask: RouteAsk, { tokens, tokenLimit }: LiveState): RouteRequest {
  const { items, bytes, deadlineMs, maxUsd } = ask;
  return {
    items,
    tokens: estimateTokens({ items, bytes }, tokens, tokenLimit),
    deadlineSeconds: deadlineMs === undefined ? undefined : deadlineMs / 1_000,
    // `cpu` is the lane inside the request; for a job it says no more than "no GPU".
    lane: ask.lane === 'cpu' && ask.accepts === 'job' ? 'cpu-fleet' : ask.lane,
    maxUsd,
    acceptsJob: ask.accepts !== 'answer',
    allowsMixed: ask.mixed === true,
  };
}

/** Undefined where an answer inside the request is wanted and the work is too long for one. */
function decide(ask: RouteAsk, request: RouteRequest, state: LiveState): RouteDecision | undefined {
  try {
    return decideRoute(request, stateFor(ask, state.router));
  } catch (error) {
    const isTooLong = ask.accepts === 'answer' && (ask.lane ?? 'cpu') === 'cpu';
    if (isTooLong && error instanceof SwitchyardError) return undefined;
    throw error;
  }
}

function stateFor({ accepts, maxWorkers }: RouteAsk, state: RouterState): RouterState {
  const offered = accepts === 'job' ? jobsOnly(state) : state;
  const { fleet } = offered;
  if (fleet === undefined || maxWorkers === undefined || maxWorkers >= fleet.maxWidth) {
    return offered;
  }
  return { ...offered, fleet: { ...fleet, maxWidth: maxWorkers } };
}

const jobsOnlyOf = new WeakMap<RouterState, RouterState>();

function jobsOnly(state: RouterState): RouterState {
  const known = jobsOnlyOf.get(state);
  if (known !== undefined) return known;
  const { inline: _, ...rest } = state;
  jobsOnlyOf.set(state, rest);
  return rest;
}

function pick(
  ask: RouteAsk,
  decision: RouteDecision,
  state: LiveState,
): Pick<LiveDecision, 'chosen' | 'reason'> {
  const { isOnTime, isWithinBudget, chosen, reason } = decision;
  if (!isOnTime && ask.accepts === 'answer') {
    return { chosen: undefined, reason: 'deadline_infeasible' };
  }
  if (!isWithinBudget) return pickWithinPrice(ask, decision);
  const wider = state.widensJobs && ask.deadlineMs === undefined && widest(ask, decision);
  if (wider) return { chosen: wider, reason: 'cheapest-lane-idle-workers' };
  return { chosen, reason };
}

function pickWithinPrice(
  ask: RouteAsk,
  { isOnTime, candidates }: RouteDecision,
): Pick<LiveDecision, 'chosen' | 'reason'> {
  const soonest = isOnTime
    ? undefined
    : soonestOf(candidates.filter(({ usd }) => usd <= (ask.maxUsd ?? Infinity)));
  if (soonest === undefined) return { chosen: undefined, reason: 'price_limit_exceeded' };
  return { chosen: soonest, reason: 'soonest-within-price' };
}

/** The widest fleet in place of a narrow one, where the price limit allows it. */
function widest(ask: RouteAsk, { chosen, candidates }: RouteDecision): Candidate | undefined {
  if (chosen.plan.kind !== 'fleet') return undefined;
  const { width } = chosen.plan;
  const wider = candidates.filter(
    ({ plan, usd }) =>
      plan.kind === 'fleet' && plan.width > width && usd <= (ask.maxUsd ?? Infinity),
  );
  return soonestOf(wider);
}

function soonestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, each) => (best !== undefined && best.finishSeconds <= each.finishSeconds ? best : each),
    undefined,
  );
}

/** Undefined where nothing can be done at all. */
export function offersFor(ask: RouteAsk, state: LiveState): RouteOffers | undefined {
  const accepts = ask.accepts === 'answer' ? 'either' : ask.accepts;
  const wider = { ...ask, accepts, deadlineMs: undefined, maxUsd: undefined } as const;
  const decision = decide(wider, routeRequestOf(wider, state), state);
  if (decision === undefined) return undefined;
  const { earliest, cheapest } = decision;
  return { earliest: offerOf(earliest), cheapest: offerOf(cheapest) };
}

function offerOf({ plan, finishSeconds, usd }: Candidate): RouteOffers['cheapest'] {
  const [lane = 'cpu'] = lanesOf(plan);
  return { lane, finish_seconds: finishSeconds, usd, as_job: plan.kind !== 'inline' };
}
