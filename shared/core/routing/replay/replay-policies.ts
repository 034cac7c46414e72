import { SwitchyardError } from '../../switchyard-error.ts';
import { decideRoute } from '../decide-route.ts';
import type { RoutePlan, RouteRequest } from '../plans/route-plan.ts';
import {
  greedyWithNet,
  paceBySlack,
  type SpotPolicy,
  uniformProgress,
} from '../spot/spot-policy.ts';
import type { RouterState } from '../state/router-state.ts';

/** A way to place work, for comparison. */
export interface ReplayPolicy {
  readonly name: string;
  readonly description: string;
  /** True: single items are answered by one GPU that is never off. */
  readonly keepsGpu: boolean;
  readonly spotPolicy: SpotPolicy;
  planOf(request: RouteRequest, state: RouterState): RoutePlan;
}

/** Rows above which the fixed threshold takes a GPU. */
const THRESHOLD_ITEMS = 10_000;

const decided = (request: RouteRequest, state: RouterState): RoutePlan =>
  decideRoute(request, state).chosen.plan;

const inlineOr =
  (plan: (request: RouteRequest, state: RouterState) => RoutePlan) =>
  (request: RouteRequest, state: RouterState): RoutePlan =>
    request.items === 1 ? { kind: 'inline' } : plan(request, state);

const widestFleet = (_: RouteRequest, { fleet }: RouterState): RoutePlan => ({
  kind: 'fleet',
  width: fleet?.maxWidth ?? 1,
});

const firstPool = ({ gpus }: RouterState): string => gpus[0]?.pool ?? '';

export const replayPolicies: readonly ReplayPolicy[] = [
  {
    name: 'router',
    description: 'the cheapest plan that is on time; spot with a safety net',
    keepsGpu: false,
    spotPolicy: paceBySlack,
    planOf: decided,
  },
  {
    name: 'router-uniform',
    description: 'the same plans; spot by uniform progress',
    keepsGpu: false,
    spotPolicy: uniformProgress,
    planOf: decided,
  },
  {
    name: 'always-cpu',
    description: 'Lambda for all: inline, and the widest fleet for jobs',
    keepsGpu: false,
    spotPolicy: greedyWithNet,
    planOf: inlineOr(widestFleet),
  },
  {
    name: 'always-gpu',
    description: 'one GPU always on for single items, one on demand per job',
    keepsGpu: true,
    spotPolicy: greedyWithNet,
    planOf: inlineOr((_, state) => ({ kind: 'on-demand', pool: firstPool(state), instances: 1 })),
  },
  {
    name: 'threshold',
    description: `above ${THRESHOLD_ITEMS} rows a spot GPU, else Lambda`,
    keepsGpu: false,
    spotPolicy: greedyWithNet,
    planOf: inlineOr((request, state) =>
      request.items > THRESHOLD_ITEMS
        ? { kind: 'spot', pool: firstPool(state), instances: 1, net: undefined }
        : widestFleet(request, state),
    ),
  },
];

/** The named policies, in that order. Throws `invalid_setting` naming those there are. */
export function policiesNamed(names: readonly string[]): readonly ReplayPolicy[] {
  return names.map((name) => {
    const policy = replayPolicies.find((each) => each.name === name);
    if (policy !== undefined) return policy;
    const known = replayPolicies.map((each) => each.name).join(', ');
    throw new SwitchyardError('invalid_setting', `There is no such policy; there are ${known}.`);
  });
}
