import type { RouteOffers } from '../contract/route-view.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { type LiveDecision, offersFor, type RouteAsk } from './live-route.ts';
import { routeSummary } from './live-view.ts';
import { refuseBudget } from './refuse-budget.ts';
import type { LiveState } from './state/live-state.ts';

/** The error for a request that is not taken as it is, with what would be taken instead. */
export function refuseRoute(
  ask: RouteAsk,
  decision: LiveDecision,
  state: LiveState,
): SwitchyardError {
  const { reason, stateId, budget } = decision;
  if (reason === 'budget_exceeded' && budget !== undefined) {
    return refuseBudget(budget, { stateId, acceptsJob: ask.accepts !== 'answer' });
  }
  const offers = offersFor(ask, state);
  const members = { stateId, ...(offers === undefined ? {} : { offers }) };
  if (reason === 'price_limit_exceeded') {
    return new SwitchyardError(
      'price_limit_exceeded',
      `nothing that is on time costs ${ask.maxUsd} USD or less; raise "maxUsd" or take an offer`,
      { members: { param: 'maxUsd', max_usd: ask.maxUsd, ...members } },
    );
  }
  if (ask.deadlineMs === undefined) {
    const limit = state.router.inline?.maxSeconds ?? 0;
    return new SwitchyardError(
      'deadline_infeasible',
      `the work is predicted to take longer than the ${limit} s of one answer; send it again with ` +
        '"Prefer: respond-async" to have it run as a job, or send less at once',
      { members },
    );
  }
  return new SwitchyardError(
    'deadline_infeasible',
    `no answer is predicted within ${ask.deadlineMs} ms; give it more time, send less at once, or ` +
      'send it again with "Prefer: respond-async" to have it run as a job',
    { members: { param: 'deadlineMs', deadline_ms: ask.deadlineMs, ...members } },
  );
}

/**
 * The error for an answer that was foretold in time and was not: it names the decision that was wrong, and
 * offers no time that is known to be too short.
 */
export function passedDeadline(
  ask: RouteAsk & { readonly deadlineMs: number },
  decision: LiveDecision,
  state: LiveState,
): SwitchyardError {
  const { deadlineMs } = ask;
  const offers = offersFor(ask, state);
  const later = (offer: RouteOffers['cheapest']): RouteOffers['cheapest'] => ({
    ...offer,
    finish_seconds: Math.max(offer.finish_seconds, deadlineMs / 1_000),
  });
  const route = routeSummary(decision, state);
  return new SwitchyardError(
    'deadline_infeasible',
    `no answer within ${deadlineMs} ms, though one was predicted; give it more time, send less at once, ` +
      'or send it again with "Prefer: respond-async" to have it run as a job',
    {
      members: {
        param: 'deadlineMs',
        deadline_ms: deadlineMs,
        stateId: decision.stateId,
        route,
        ...(offers === undefined
          ? {}
          : { offers: { earliest: later(offers.earliest), cheapest: later(offers.cheapest) } }),
      },
    },
  );
}
