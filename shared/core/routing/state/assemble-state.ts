import { REQUEST_LOG_GB } from '../../cost/answer-lines.ts';
import { gpuInstances } from '../../cost/gpu-instances.ts';
import type { GpuRates, LaneRates } from '../../cost/lane-rates.ts';
import { deriveGpuCurve, deriveLambdaCurve, type LaneCurve } from '../curves/derive-curves.ts';
import type { MeasuredCurve } from '../curves/model-curves.ts';
import type { Quantiles } from '../curves/quantiles.ts';
import type { SpotOutlook } from '../spot/spot-outlook.ts';
import { rateNotes } from './rate-notes.ts';
import type { FleetLane, GpuPool, InlineLane, RouterState } from './router-state.ts';

/** What a deployment in AWS knows about itself; everything a router state needs besides curves and rates. */
export interface DeploymentFacts {
  readonly model: string;
  readonly takenAt: string;
  readonly target: number;
  readonly inlineItems: number;
  readonly memoryMib: number;
  readonly coldShare: number;
  /** Zero where the deployment has no fleet. */
  readonly fleetWidth: number;
  /** Rows of a cell in tokens: how finely work is handed out. */
  readonly cellTokens: number;
  /** Instance types that the deployment may start, with their limits; empty without a GPU lane. */
  readonly gpuPools: readonly GpuPoolFacts[];
  /**
   * The longest time between two looks at a running job.
   *
   * @default 0
   */
  readonly lookSeconds?: number;
}

interface GpuPoolFacts {
  readonly instanceType: string;
  readonly maxInstances: number;
  readonly start: Quantiles;
  readonly billedSetupSeconds: number;
  readonly billedDrainSeconds: number;
  readonly diskGib: number;
  /** Undefined: this pool has no spot lane, or nothing is known of its zones. */
  readonly spot:
    | {
        readonly outlook: SpotOutlook;
        readonly lossesPerHour: number;
        readonly reworkSeconds: number;
      }
    | undefined;
}

/** A Lambda worker hands over with a minute of its fifteen left. */
const FLEET_LIFE_SECONDS = 840;
const INLINE_SECONDS = 20;

/** Puts a state together for AWS. The id is the caller's: a digest of the rest. */
export function assembleState(
  facts: DeploymentFacts,
  curve: MeasuredCurve,
  rates: LaneRates,
): Omit<RouterState, 'stateId'> {
  const lambda = deriveLambdaCurve(curve, facts.memoryMib);
  const usdPerSecond = (facts.memoryMib / 1024) * rates.lambda.usdPerGbSecond;
  const pools = facts.gpuPools.flatMap((pool) => gpuPoolOf(pool, curve, rates));
  return {
    schema: 1,
    model: facts.model,
    takenAt: facts.takenAt,
    target: facts.target,
    inline: inlineLane(facts, lambda, { usdPerSecond, rates }),
    ...(facts.fleetWidth < 1 ? {} : { fleet: fleetLane(facts, lambda, { usdPerSecond, rates }) }),
    gpus: pools.map(({ pool }) => pool),
    bulk: bulkCosts(facts, rates),
    assumptions: [
      lambda.assumption,
      ...pools.map(({ assumption }) => assumption),
      ...rateNotes(rates),
    ].filter((each) => each !== undefined),
  };
}

interface LambdaPrice {
  readonly usdPerSecond: number;
  readonly rates: LaneRates;
}

function inlineLane(facts: DeploymentFacts, curve: LaneCurve, price: LambdaPrice): InlineLane {
  const { rates, usdPerSecond } = price;
  return {
    maxItems: facts.inlineItems,
    maxSeconds: INLINE_SECONDS,
    perCallSeconds: curve.perCallSeconds,
    perTokenSeconds: curve.perTokenSeconds,
    coldShare: facts.coldShare,
    init: { levels: [0.5, 0.9, 0.99], seconds: [1, 1.5, 3].map((by) => by * curve.startSeconds) },
    billedInitSeconds: curve.startSeconds,
    usdPerSecond,
    usdPerRequest:
      rates.lambda.usdPerInvocation +
      rates.api.restUsdPerRequest +
      REQUEST_LOG_GB * rates.logUsdPerGb,
  };
}

function fleetLane(facts: DeploymentFacts, curve: LaneCurve, price: LambdaPrice): FleetLane {
  const start = curve.startSeconds;
  return {
    perTokenSeconds: curve.bulkPerTokenSeconds,
    // Invoke, session, first claim; a scale-out of hundreds takes a few seconds more.
    start: { levels: [0.05, 0.5, 0.9, 0.99], seconds: [1, 2, 4, 8].map((more) => more + start) },
    billedInitSeconds: start + 0.5,
    maxWidth: facts.fleetWidth,
    cellTokens: facts.cellTokens,
    lifeSeconds: FLEET_LIFE_SECONDS,
    usdPerSecond: price.usdPerSecond,
    usdPerInvocation: price.rates.lambda.usdPerInvocation,
  };
}

/** Per cell a claim's share, a part and its listing; per job records, plan, merge. */
function bulkCosts(facts: DeploymentFacts, { s3 }: LaneRates): RouterState['bulk'] {
  return {
    fixedSeconds: 2,
    perTokenSeconds: 1e-7,
    usdPerJob: 40 * s3.usdPerPut + 100 * s3.usdPerGet,
    usdPerToken: (1.2 * s3.usdPerPut + 3 * s3.usdPerGet) / facts.cellTokens,
    ...(facts.lookSeconds === undefined ? {} : { lookSeconds: facts.lookSeconds }),
  };
}

function gpuPoolOf(
  facts: GpuPoolFacts,
  curve: MeasuredCurve,
  rates: LaneRates,
): readonly { readonly pool: GpuPool; readonly assumption: string | undefined }[] {
  const { instanceType } = facts;
  const price = rates.gpus.find((each) => each.instanceType === instanceType);
  const instance = gpuInstances.find((each) => each.instanceType === instanceType);
  const speed = instance === undefined ? undefined : deriveGpuCurve(curve, instance.gpu);
  if (price === undefined || instance === undefined || speed === undefined) return [];
  const pool: GpuPool = {
    pool: instanceType,
    perTokenSeconds: speed.bulkPerTokenSeconds / instance.gpus,
    extrasUsdPerHour: facts.diskGib * rates.diskUsdPerGbHour + rates.ipv4UsdPerHour,
    ...marketsOf(facts, price),
  };
  return [{ pool, assumption: speed.assumption }];
}

function marketsOf(facts: GpuPoolFacts, price: GpuRates): Pick<GpuPool, 'onDemand' | 'spot'> {
  const { billedSetupSeconds, billedDrainSeconds, maxInstances, start, spot } = facts;
  const common = { billedSetupSeconds, billedDrainSeconds, maxInstances };
  const { onDemandUsdPerHour, spotUsdPerHour } = price;
  return {
    ...(onDemandUsdPerHour === undefined
      ? {}
      : { onDemand: { ...common, start, usdPerHour: onDemandUsdPerHour } }),
    ...(spotUsdPerHour === undefined || spot === undefined
      ? {}
      : { spot: { ...common, ...spot, usdPerHour: spotUsdPerHour } }),
  };
}
