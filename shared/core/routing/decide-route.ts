import { SwitchyardError } from '../switchyard-error.ts';
import { bridgeCandidates } from './plans/bridge-plans.ts';
import { fleetCandidates, inlineCandidates } from './plans/cpu-plans.ts';
import { onDemandCandidates } from './plans/gpu-plans.ts';
import { type Candidate, lanesOf, type RouteRequest } from './plans/route-plan.ts';
import { spotCandidates } from './plans/spot-plans.ts';
import type { RouterState } from './state/router-state.ts';

export type RouteReason =
  /** No deadline: the least dollars. */
  | 'cheapest'
  /** The least dollars of what is on time with the target chance. */
  | 'cheapest-on-time'
  /** Nothing is on time: the soonest. */
  | 'soonest';

/** What is done, and what else could have been. */
export interface RouteDecision {
  readonly stateId: string;
  readonly chosen: Candidate;
  readonly reason: RouteReason;
  /** False where nothing is on time with the target chance. */
  readonly isOnTime: boolean;
  /** False where even this costs more than the caller allows: nothing on time costs less. */
  readonly isWithinBudget: boolean;
  /** The best of each kind of plan, the chosen one among them; cheapest first. */
  readonly candidates: readonly Candidate[];
  /** Smallest finish time there is, and smallest price. */
  readonly earliest: Candidate;
  readonly cheapest: Candidate;
}

/**
 * Chooses how a request or job is run: the cheapest plan that is on time with the target chance, else
 * the soonest. A pure function of its arguments; explanations, quotes, replays and live requests all
 * come from here.
 *
 * Each kind of plan is a fixed family (all widths, all times of a safety net …) whose members cost
 * more and end later the more tokens there are. So a tighter deadline can only take members away: the
 * price never falls and the finish time never rises; and more items never cost less.
 *
 * Throws `lane_unavailable` where no plan of the lane that was asked for exists here.
 */
export function decideRoute(request: RouteRequest, state: RouterState): RouteDecision {
  const candidates = candidatesOf(request, state).toSorted(byPrice);
  const [cheapest] = candidates;
  if (cheapest === undefined) throw noLane(request);
  const deadlineSeconds = request.deadlineSeconds ?? Infinity;
  const onTime = candidates.find(({ finishSeconds }) => finishSeconds <= deadlineSeconds);
  const earliest = candidates.reduce((best, each) =>
    each.finishSeconds < best.finishSeconds ? each : best,
  );
  const chosen = onTime ?? earliest;
  return {
    stateId: state.stateId,
    chosen,
    reason: reasonFor(request, onTime !== undefined),
    isOnTime: onTime !== undefined,
    isWithinBudget: chosen.usd <= (request.maxUsd ?? Infinity),
    candidates,
    earliest,
    cheapest,
  };
}

function candidatesOf(request: RouteRequest, state: RouterState): readonly Candidate[] {
  const all = [
    ...inlineCandidates(request, state),
    ...fleetCandidates(request, state),
    ...spotCandidates(request, state),
    ...onDemandCandidates(request, state),
    ...bridgeCandidates(request, state),
  ];
  const { lane } = request;
  if (lane === undefined) return all;
  return all.filter(({ plan }) => lanesOf(plan).every((each) => each === lane));
}

// Equal prices: the sooner. Sorting is stable, so the order of the families decides the rest.
function byPrice(left: Candidate, right: Candidate): number {
  return left.usd - right.usd || left.finishSeconds - right.finishSeconds;
}

function reasonFor(request: RouteRequest, isOnTime: boolean): RouteReason {
  if (!isOnTime) return 'soonest';
  return request.deadlineSeconds === undefined ? 'cheapest' : 'cheapest-on-time';
}

function noLane({ lane, acceptsJob, items }: RouteRequest): SwitchyardError {
  if (lane !== undefined) {
    const detail =
      `no plan runs in lane ${lane} alone here; leave "lane" out, or take one that GET /models calls ` +
      'available for the model';
    return new SwitchyardError('lane_unavailable', detail, { members: { param: 'lane' } });
  }
  const detail = acceptsJob
    ? 'this deployment has no lane for the model; set up a fleet or a GPU pool'
    : `${items} items are too much for one answer; send "Prefer: respond-async" to make it a job`;
  return new SwitchyardError('lane_unavailable', detail);
}
