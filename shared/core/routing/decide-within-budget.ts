import type { BudgetStatus } from '../contract/budget.ts';
import type { Usd } from '../cost/usd.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { stateIdWithin } from './budget-state-id.ts';
import { type BudgetOutcome, decideLive, type LiveDecision, type RouteAsk } from './live-route.ts';
import { quotePlan } from './plans/plan-quote.ts';
import type { LiveState } from './state/live-state.ts';

/**
 * As {@link decideLive} for a tenant with a budget: what was spent, what is promised and the price of this
 * together may not exceed the limit. Above it the budget's mode decides; no mode makes work dearer that
 * is run in the same form. Pure: the status stands in the decision's `stateId`, so that the same
 * decision can be made later.
 */
export function decideWithinBudget(
  ask: RouteAsk,
  state: LiveState,
  status: BudgetStatus | undefined,
): LiveDecision {
  const decision = decideLive(ask, state);
  if (status === undefined) return decision;
  const stateId = stateIdWithin(decision.stateId, status);
  return { ...decide(ask, { state, status, decision }), stateId };
}

interface Facts {
  readonly state: LiveState;
  readonly status: BudgetStatus;
  /** Without a budget. */
  readonly decision: LiveDecision;
}

function decide(ask: RouteAsk, facts: Facts): LiveDecision {
  const { state, status, decision } = facts;
  const outcome = { status, quotedUsd: undefined, waitSeconds: 0, effect: 'none' } as const;
  const quoted = quoteOf(decision, state);
  if (quoted === undefined) return { ...decision, budget: outcome };
  const budget: BudgetOutcome = { ...outcome, quotedUsd: quoted.toFixed() };
  if (fits(quoted, status)) return { ...decision, budget };
  if (status.mode === 'degrade') return degraded(ask, facts, budget);
  return status.mode === 'queue' ? queued(ask, facts, budget) : refused(decision, budget);
}

/** Whether a budget pays for work of this price beside what was spent and promised. */
export function fits(quoted: Usd, { limitUsd, spentUsd, promisedUsd }: BudgetStatus): boolean {
  return quoted.plus(spentUsd).plus(promisedUsd).lte(limitUsd);
}

function quoteOf({ chosen, request }: LiveDecision, state: LiveState): Usd | undefined {
  return chosen === undefined ? undefined : quotePlan(chosen.plan, request, state).exactUsd;
}

function degraded(ask: RouteAsk, { state, decision }: Facts, budget: BudgetOutcome): LiveDecision {
  const plain = { ...decision, reason: 'over-budget-cheapest' } as const;
  const cheapest = cheapestWay(ask, state);
  const isDearer = quoteOf(cheapest, state)?.gt(budget.quotedUsd ?? 0) ?? true;
  // Prices to compare by are smooth and quotes are rounded: no step between them makes it dearer.
  const base = isDearer ? plain : { ...plain, ...planOf(cheapest) };
  return withTime(ask, base, { ...budget, effect: 'degraded' });
}

function queued(
  ask: RouteAsk,
  { state, status, decision }: Facts,
  budget: BudgetOutcome,
): LiveDecision {
  const job = ask.accepts === 'answer' ? undefined : jobOf(ask, state);
  const quoted = job && quoteOf(job, state);
  // What a whole month cannot pay for would wait for ever.
  if (job === undefined || quoted === undefined || quoted.gt(status.limitUsd)) {
    return refused(decision, budget);
  }
  const waitSeconds = (Date.parse(status.resetsAt) - Date.parse(status.takenAt)) / 1_000;
  const base = { ...decision, ...planOf(job), reason: 'over-budget-queued' } as const;
  return withTime(ask, base, { ...budget, effect: 'queued', waitSeconds });
}

function refused(decision: LiveDecision, budget: BudgetOutcome): LiveDecision {
  const effect = { budget: { ...budget, effect: 'refused' } } as const;
  return {
    ...decision,
    ...effect,
    chosen: undefined,
    reason: 'budget_exceeded',
    isOnTime: false,
  };
}

/** Undefined where there is no lane for a job, or none within the caller's price. */
function jobOf(ask: RouteAsk, state: LiveState): LiveDecision | undefined {
  try {
    return cheapestWay({ ...ask, accepts: 'job' }, state);
  } catch (error) {
    if (error instanceof SwitchyardError) return undefined;
    throw error;
  }
}

/** No deadline is bought, and no idle worker is paid for. */
function cheapestWay(ask: RouteAsk, state: LiveState): LiveDecision {
  return decideLive({ ...ask, deadlineMs: undefined }, { ...state, widensJobs: false });
}

function planOf({ chosen, candidates }: LiveDecision): Pick<LiveDecision, 'chosen' | 'candidates'> {
  return { chosen, candidates };
}

function withTime(ask: RouteAsk, decision: LiveDecision, budget: BudgetOutcome): LiveDecision {
  const finishSeconds = budget.waitSeconds + (decision.chosen?.finishSeconds ?? 0);
  const deadlineSeconds = ask.deadlineMs === undefined ? Infinity : ask.deadlineMs / 1_000;
  return { ...decision, budget, isOnTime: finishSeconds <= deadlineSeconds };
}
