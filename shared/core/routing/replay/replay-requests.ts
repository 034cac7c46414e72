import { sampleAt, secondsAt } from '../curves/quantiles.ts';
import { inlineRunSeconds, inlineTerms } from '../plans/cpu-plans.ts';
import { type RouteRequest, totalUsd } from '../plans/route-plan.ts';
import type { InlineLane, RouterState } from '../state/router-state.ts';
import type { Arrival } from './arrivals.ts';
import type { ReplayPolicy } from './replay-policies.ts';

export interface RequestsScore {
  readonly requests: number;
  readonly usd: number;
  readonly coldStarts: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly p99Seconds: number;
  /** Not answered within the deadline. */
  readonly late: number;
  /** Those that a warm environment could answer in time. */
  readonly feasible: number;
  /** With every environment warm, always. */
  readonly optimumUsd: number;
}

/** An idle environment is taken away after so long; customary, not promised. */
const KEPT_SECONDS = 600;
/** What a GPU that is on takes for one item, beside its work. */
const STANDING_CALL_SECONDS = 0.005;

export interface RequestReplay {
  readonly state: RouterState;
  readonly deadlineSeconds: number;
  readonly fraction: () => number;
}

/** Replays requests of one item each, one environment per request at a time, the latest used first. */
export function replayRequests(
  arrivals: readonly Arrival[],
  policy: ReplayPolicy,
  replay: RequestReplay,
): RequestsScore {
  const lane = replay.state.inline;
  if (lane === undefined) return emptyScore;
  if (policy.keepsGpu) return standingGpu(arrivals, replay, lane);
  const pool = openPool();
  const decide = openDecider(policy, replay);
  const latencies: number[] = [];
  let usd = 0;
  let coldStarts = 0;
  for (const { seconds, tokens } of arrivals) {
    const isWarm = pool.hasIdle(seconds);
    const request = decide(tokens, isWarm);
    const initSeconds = isWarm ? 0 : secondsAt(lane.init, replay.fraction());
    const runSeconds = inlineRunSeconds(lane, request);
    if (!isWarm) coldStarts += 1;
    pool.use(seconds, initSeconds + runSeconds);
    usd += warmUsd(lane, request) + initSeconds * lane.usdPerSecond;
    latencies.push(initSeconds + runSeconds);
  }
  return scoreOf(arrivals, replay, lane, { latencies, usd, coldStarts });
}

/** The same requests with an environment that is always warm and free. */
export function warmRequests(arrivals: readonly Arrival[], replay: RequestReplay): RequestsScore {
  const lane = replay.state.inline;
  if (lane === undefined) return emptyScore;
  const requests = arrivals.map(({ tokens }) => requestOfArrival(tokens));
  return scoreOf(arrivals, replay, lane, {
    latencies: requests.map((request) => inlineRunSeconds(lane, request)),
    usd: requests.reduce((sum, request) => sum + warmUsd(lane, request), 0),
    coldStarts: 0,
  });
}

/** Asks the policy, once per kind of request: its answer is a function of what it is given. */
function openDecider(policy: ReplayPolicy, { state, deadlineSeconds }: RequestReplay) {
  const warm = { ...state, inline: state.inline && { ...state.inline, coldShare: 0 } };
  const cold = { ...state, inline: state.inline && { ...state.inline, coldShare: 1 } };
  const known = new Map<string, RouteRequest>();
  return (tokens: number, isWarm: boolean): RouteRequest => {
    const key = `${tokens} ${isWarm}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const request = { ...requestOfArrival(tokens), deadlineSeconds };
    policy.planOf(request, (isWarm ? warm : cold) as RouterState);
    known.set(key, request);
    return request;
  };
}

function requestOfArrival(tokens: number): RouteRequest {
  return {
    items: 1,
    tokens,
    deadlineSeconds: undefined,
    lane: undefined,
    maxUsd: undefined,
    acceptsJob: false,
    allowsMixed: true,
  };
}

function warmUsd(lane: InlineLane, request: RouteRequest): number {
  return totalUsd(inlineTerms({ ...lane, coldShare: 0 }, request));
}

/** Environments by the time at which they are free again. */
function openPool() {
  let freeAt: number[] = [];
  return {
    /** Drops what was idle for too long. */
    hasIdle(seconds: number): boolean {
      freeAt = freeAt.filter((free) => seconds - free < KEPT_SECONDS);
      return freeAt.some((free) => free <= seconds);
    },
    use(seconds: number, busySeconds: number): void {
      let latest = -1;
      for (const [at, free] of freeAt.entries()) {
        if (free <= seconds && (latest < 0 || free > (freeAt[latest] ?? 0))) latest = at;
      }
      if (latest < 0) freeAt.push(seconds + busySeconds);
      else freeAt[latest] = seconds + busySeconds;
    },
  };
}

/** One on-demand instance from the first request to the last. */
function standingGpu(
  arrivals: readonly Arrival[],
  replay: RequestReplay,
  lane: InlineLane,
): RequestsScore {
  const [pool] = replay.state.gpus;
  const usdPerHour = (pool?.onDemand?.usdPerHour ?? 0) + (pool?.extrasUsdPerHour ?? 0);
  const hours = ((arrivals.at(-1)?.seconds ?? 0) - (arrivals[0]?.seconds ?? 0)) / 3_600;
  let freeAt = 0;
  const latencies = arrivals.map(({ seconds, tokens }) => {
    const begins = Math.max(seconds, freeAt);
    freeAt = begins + STANDING_CALL_SECONDS + tokens * (pool?.perTokenSeconds ?? 0);
    return freeAt - seconds;
  });
  return scoreOf(arrivals, replay, lane, { latencies, usd: hours * usdPerHour, coldStarts: 0 });
}

function scoreOf(
  arrivals: readonly Arrival[],
  { deadlineSeconds }: RequestReplay,
  lane: InlineLane,
  seen: {
    readonly latencies: readonly number[];
    readonly usd: number;
    readonly coldStarts: number;
  },
): RequestsScore {
  const sorted = seen.latencies.toSorted((left, right) => left - right);
  let optimumUsd = 0;
  let feasible = 0;
  for (const { tokens } of arrivals) {
    const request = requestOfArrival(tokens);
    optimumUsd += warmUsd(lane, request);
    if (inlineRunSeconds(lane, request) <= deadlineSeconds) feasible += 1;
  }
  return {
    requests: arrivals.length,
    usd: seen.usd,
    coldStarts: seen.coldStarts,
    p50Seconds: sampleAt(sorted, 0.5),
    p95Seconds: sampleAt(sorted, 0.95),
    p99Seconds: sampleAt(sorted, 0.99),
    late: sorted.filter((seconds) => seconds > deadlineSeconds).length,
    feasible,
    optimumUsd,
  };
}

const emptyScore: RequestsScore = {
  requests: 0,
  usd: 0,
  coldStarts: 0,
  p50Seconds: 0,
  p95Seconds: 0,
  p99Seconds: 0,
  late: 0,
  feasible: 0,
  optimumUsd: 0,
};
