import { gpuInstances } from '../../cost/gpu-instances.ts';
import type { LaneRates } from '../../cost/lane-rates.ts';
import type { DeploymentConfig } from '../../deployment/deployment-config.ts';
import { variantForLane } from '../../models/lane-files.ts';
import type { ModelManifest } from '../../models/model-manifest.ts';
import {
  assumedTokenEstimate,
  estimateTokens,
  type MeasuredCurve,
  type ModelCurves,
} from '../curves/model-curves.ts';
import { assembleState, type DeploymentFacts } from './assemble-state.ts';
import { ASSUMED_SETUP_SECONDS, assumedMarketText, assumedSpot } from './assumed-market.ts';
import type { UnnamedState } from './live-state.ts';
import type { GpuPool, RouterState } from './router-state.ts';

export interface DeployedModel {
  readonly manifest: ModelManifest;
  /** Undefined where the bundle has no curves.json. */
  readonly curves: ModelCurves | undefined;
}

export interface DeploymentLimits {
  readonly inlineItems: number;
  readonly cellBytes: number;
}

const TARGET = 0.95;
/** A row of the texts that people send, where nothing is known of a file. */
const BYTES_PER_ROW = 80;
/** Submission, launch, image, model; the slow tail is an instance that is waited for. */
const onDemandStart = {
  levels: [0.05, 0.5, 0.9, 0.99],
  seconds: [200, ASSUMED_SETUP_SECONDS, 420, 600],
};
const BILLED_DRAIN_SECONDS = 40;

/** A small encoder on one core, for a bundle that nobody measured. */
const unmeasuredCurve: MeasuredCurve = {
  variant: 'unmeasured',
  provider: 'cpu',
  device: 'assumed',
  machine: { cpu: 'no machine (no curves.json in the bundle)', cores: 1, node: 'any' },
  date: '2026-01-01',
  command: 'none',
  startSeconds: 0.3,
  perCallSeconds: 0.0005,
  perTokenSeconds: 0.0001,
  bulkPerTokenSeconds: 0.0001,
  worstError: 0,
};

/** The state of one model in a deployment, from its config alone: known before it is deployed. */
export function deploymentState(
  { manifest, curves }: DeployedModel,
  config: DeploymentConfig,
  options: { readonly rates: LaneRates; readonly limits: DeploymentLimits },
): UnnamedState {
  const { rates, limits } = options;
  const tokens = curves?.tokens ?? assumedTokenEstimate;
  const { tokenLimit } = manifest;
  const curve = cpuCurve(manifest, curves) ?? unmeasuredCurve;
  const texts = { items: Math.ceil(limits.cellBytes / BYTES_PER_ROW), bytes: limits.cellBytes };
  const pools = gpuPoolsOf(manifest, config);
  const facts: DeploymentFacts = {
    model: manifest.name,
    // Of the newest thing in it: the same inputs give the same file on every day.
    takenAt: `${curve.date}T00:00:00.000Z`,
    target: TARGET,
    inlineItems: limits.inlineItems,
    memoryMib: config.memoryMb,
    // Whoever decides is in the environment that would answer: its start lies behind it.
    coldShare: 0,
    fleetWidth: config.fleet.max,
    cellTokens: estimateTokens(texts, tokens, tokenLimit),
    gpuPools: pools,
    lookSeconds: config.reconcileMinutes * 60,
  };
  const inFunction = assembleState(facts, curve, rates);
  const inFleet = assembleState({ ...facts, memoryMib: config.fleet.memoryMb }, curve, rates);
  return {
    router: joined(inFunction, inFleet, config),
    tokens,
    rates,
    tokenLimit,
    // A worker of the fleet is billed for its work: many are dearer than one by their starts alone.
    widensJobs: true,
  };
}

type Assembled = Omit<RouterState, 'stateId'>;

/** Answers and workers have functions of their own, each with its own memory. */
function joined(inFunction: Assembled, inFleet: Assembled, config: DeploymentConfig): Assembled {
  const { fleet } = inFleet;
  const gpus = inFunction.gpus.map((pool) => withOnDemandLimit(pool, config));
  const assumed = gpus.length === 0 ? [] : [assumedMarketText, instancesText];
  return {
    ...inFunction,
    ...(fleet === undefined ? {} : { fleet }),
    gpus,
    assumptions: [...new Set([...inFunction.assumptions, ...inFleet.assumptions, ...assumed])],
  };
}

const instancesText =
  'AWS Batch picks among the instance types of the deployment; a plan is quoted for the one it names';

function cpuCurve(
  manifest: ModelManifest,
  curves: ModelCurves | undefined,
): MeasuredCurve | undefined {
  const variant = variantForLane(manifest, 'cpu-fleet')?.name;
  return curves?.curves.find((each) => each.variant === variant && each.provider === 'cpu');
}

/** None where the bundle has no file that a GPU opens. */
function gpuPoolsOf(
  manifest: ModelManifest,
  { gpu }: DeploymentConfig,
): DeploymentFacts['gpuPools'] {
  if (variantForLane(manifest, 'gpu-spot') === undefined) return [];
  const spot = assumedSpot();
  return gpu.instanceTypes.map((instanceType) => ({
    instanceType,
    maxInstances: instancesWithin(instanceType, gpu.maxSpotVcpus),
    start: onDemandStart,
    billedSetupSeconds: ASSUMED_SETUP_SECONDS,
    billedDrainSeconds: BILLED_DRAIN_SECONDS,
    diskGib: gpu.volumeGib,
    spot,
  }));
}

function withOnDemandLimit(pool: GpuPool, { gpu }: DeploymentConfig): GpuPool {
  if (pool.onDemand === undefined) return pool;
  const maxInstances = instancesWithin(pool.pool, gpu.maxOnDemandVcpus);
  return { ...pool, onDemand: { ...pool.onDemand, maxInstances } };
}

function instancesWithin(instanceType: string, vcpus: number): number {
  const each = gpuInstances.find((instance) => instance.instanceType === instanceType)?.vcpus ?? 4;
  return Math.max(1, Math.floor(vcpus / each));
}
