import { REQUEST_LOG_GB } from '../../cost/answer-lines.ts';
import { LAMBDA_MEMORY_MIB, type LaneRates } from '../../cost/lane-rates.ts';
import type { LaneCurve } from '../curves/derive-curves.ts';
import type { LearntSpeed } from '../curves/learnt-speed.ts';
import { estimateTokens, type TokenEstimate } from '../curves/model-curves.ts';
import { constantTime, type Quantiles } from '../curves/quantiles.ts';
import { OUTLOOK_SCENARIOS } from '../spot/spot-outlook.ts';
import type { UnnamedState } from './live-state.ts';
import { rateNotes } from './rate-notes.ts';
import type { FleetLane, GpuPool, InlineLane } from './router-state.ts';

/** What one machine knows about itself. */
export interface LocalFacts {
  readonly model: string;
  readonly takenAt: string;
  readonly inlineItems: number;
  readonly tokens: TokenEstimate;
  readonly tokenLimit: number;
  /** Worker processes at a time. */
  readonly workers: number;
  readonly cellBytes: number;
  /** Undefined where no GPU lane takes jobs of this model. */
  readonly gpu: LocalGpu | undefined;
}

export interface LocalGpu {
  /** `simulated` where worker processes on the CPU stand in for it. */
  readonly provider: 'webgpu' | 'cuda' | 'simulated';
  /** Measured on this provider; undefined leaves it to an assumption. */
  readonly curve: LaneCurve | undefined;
  /** How long a worker waits for its instance before it starts. */
  readonly waitSeconds: number;
}

/** The instance that stands for this machine's GPU in prices; the ledger takes the same. */
const LOCAL_GPU_INSTANCE = 'g4dn.xlarge';

const TARGET = 0.95;
const INLINE_SECONDS = 20;
/** A row of the texts that people send, where nothing is known of a file. */
const BYTES_PER_ROW = 80;
const UNSEEN_WORKER_IDLE_SECONDS = 0.6;
const NOBODY_HANDS_OVER_SECONDS = 1e9;

/**
 * A state for one machine: its own speeds, learnt and measured, at the prices that AWS would take for
 * the same seconds. No second of it is charged; the assumptions say so.
 */
export function assembleLocalState(
  facts: LocalFacts,
  curve: LaneCurve,
  options: { readonly learnt: LearntSpeed; readonly rates: LaneRates },
): UnnamedState {
  const { rates, learnt } = options;
  const gpu = facts.gpu === undefined ? [] : [gpuPool(facts, facts.gpu, { curve, ...options })];
  const rehearsal = rehearsalOf(facts.gpu);
  return {
    router: {
      schema: 1,
      model: facts.model,
      takenAt: facts.takenAt,
      target: TARGET,
      inline: inlineLane(facts, scaled(curve, learnt.inlineFactor), rates),
      fleet: fleetLane(facts, curve, options),
      gpus: gpu,
      bulk: { ...bulkTime, usdPerJob: 0, usdPerToken: storeUsdPerCell(rates) / cellTokens(facts) },
      assumptions: assumptionsOf(facts, curve, rates),
    },
    tokens: facts.tokens,
    rates,
    tokenLimit: facts.tokenLimit,
    widensJobs: true,
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
}

/** Reconciling, planning and joining a small job. */
const bulkTime = { fixedSeconds: 0.3, perTokenSeconds: 1e-7, lookSeconds: 5 };

function scaled(curve: LaneCurve, factor: number): LaneCurve {
  return {
    ...curve,
    perCallSeconds: curve.perCallSeconds * factor,
    perTokenSeconds: curve.perTokenSeconds * factor,
  };
}

function lambdaUsdPerSecond(rates: LaneRates): number {
  return (LAMBDA_MEMORY_MIB / 1024) * rates.lambda.usdPerGbSecond;
}

/** The process is warm: it answers only once its models are loaded. */
function inlineLane(facts: LocalFacts, curve: LaneCurve, rates: LaneRates): InlineLane {
  return {
    maxItems: facts.inlineItems,
    maxSeconds: INLINE_SECONDS,
    perCallSeconds: curve.perCallSeconds,
    perTokenSeconds: curve.perTokenSeconds,
    coldShare: 0,
    init: constantTime(curve.startSeconds),
    billedInitSeconds: 0,
    usdPerSecond: lambdaUsdPerSecond(rates),
    usdPerRequest:
      rates.lambda.usdPerInvocation +
      rates.api.restUsdPerRequest +
      REQUEST_LOG_GB * rates.logUsdPerGb,
  };
}

function fleetLane(
  facts: LocalFacts,
  curve: LaneCurve,
  { learnt, rates }: { readonly learnt: LearntSpeed; readonly rates: LaneRates },
): FleetLane {
  return {
    perTokenSeconds: curve.bulkPerTokenSeconds * learnt.bulkFactor,
    start: workerStart(curve, learnt),
    billedInitSeconds: learnt.workerIdleSeconds ?? UNSEEN_WORKER_IDLE_SECONDS,
    maxWidth: facts.workers,
    cellTokens: cellTokens(facts),
    lifeSeconds: NOBODY_HANDS_OVER_SECONDS,
    usdPerSecond: lambdaUsdPerSecond(rates),
    // Two records of each attempt.
    usdPerInvocation: rates.lambda.usdPerInvocation + 2 * rates.s3.usdPerPut,
  };
}

/** A process, its model, and what the books say about the time around the model. */
function workerStart(curve: LaneCurve, learnt: LearntSpeed, waitSeconds = 0): Quantiles {
  const idleSeconds = learnt.workerIdleSeconds ?? UNSEEN_WORKER_IDLE_SECONDS;
  const usual = waitSeconds + curve.startSeconds + idleSeconds;
  return { levels: [0.5, 0.9, 0.99], seconds: [usual, usual * 1.5 + 0.5, usual * 3 + 2] };
}

function cellTokens(facts: LocalFacts): number {
  const { cellBytes, tokens, tokenLimit } = facts;
  const items = Math.ceil(cellBytes / BYTES_PER_ROW);
  return estimateTokens({ items, bytes: cellBytes }, tokens, tokenLimit);
}

/** A part, and the read that joins it. */
function storeUsdPerCell({ s3 }: LaneRates): number {
  return s3.usdPerPut + s3.usdPerGet;
}

/** How much faster than one core a GPU that nobody measured is taken to be. */
const UNMEASURED_GPU_CORES = 10;
const DISK_GB = 30;
const LEAST_BILLED_SECONDS = 60;

function gpuPool(
  facts: LocalFacts,
  gpu: LocalGpu,
  known: { readonly curve: LaneCurve; readonly learnt: LearntSpeed; readonly rates: LaneRates },
): GpuPool {
  const { rates, curve, learnt } = known;
  const price = rates.gpus.find(({ instanceType }) => instanceType === LOCAL_GPU_INSTANCE);
  const start = workerStart(gpu.curve ?? curve, learnt, gpu.waitSeconds);
  const common = {
    billedSetupSeconds: LEAST_BILLED_SECONDS,
    billedDrainSeconds: 0,
    maxInstances: facts.workers,
  };
  const { onDemandUsdPerHour, spotUsdPerHour } = price ?? {};
  return {
    pool: `${gpu.provider}-${LOCAL_GPU_INSTANCE}`,
    perTokenSeconds: gpuSecondsPerToken(gpu, curve, learnt),
    // No instance boots or drains here.
    workerIdleSeconds: learnt.workerIdleSeconds ?? UNSEEN_WORKER_IDLE_SECONDS,
    extrasUsdPerHour: DISK_GB * rates.diskUsdPerGbHour + rates.ipv4UsdPerHour,
    ...(onDemandUsdPerHour === undefined
      ? {}
      : { onDemand: { ...common, start, usdPerHour: onDemandUsdPerHour } }),
    ...(spotUsdPerHour === undefined
      ? {}
      : {
          spot: {
            ...common,
            usdPerHour: spotUsdPerHour,
            outlook: calmOutlook(start.seconds.at(-1) ?? 0),
            lossesPerHour: 0,
            reworkSeconds: 0,
          },
        }),
  };
}

function gpuSecondsPerToken(gpu: LocalGpu, curve: LaneCurve, learnt: LearntSpeed): number {
  if (gpu.curve !== undefined) return gpu.curve.bulkPerTokenSeconds;
  const perCore = curve.bulkPerTokenSeconds * learnt.bulkFactor;
  return gpu.provider === 'simulated' ? perCore : perCore / UNMEASURED_GPU_CORES;
}

/** Nothing takes a worker of this machine away, so every scenario is the same. */
function calmOutlook(startSeconds: number): NonNullable<GpuPool['spot']>['outlook'] {
  const row = (workSeconds: number): number[] =>
    Array.from({ length: OUTLOOK_SCENARIOS }, () => startSeconds + workSeconds);
  return { workSeconds: [0, 3_600], finishSeconds: [row(0), row(3_600)] };
}

function rehearsalOf(gpu: LocalGpu | undefined): string | undefined {
  if (gpu?.provider !== 'simulated') return undefined;
  return 'the GPU lanes are rehearsed: worker processes on the CPU of this machine stand in for them';
}

function assumptionsOf(facts: LocalFacts, curve: LaneCurve, rates: LaneRates): string[] {
  const { gpu } = facts;
  const prices = `prices: what AWS would take for the same seconds in ${rates.region}; nothing is charged here`;
  const unmeasured = `a GPU worth ${UNMEASURED_GPU_CORES} cores, since no curve of it was measured`;
  const isGuessed = gpu !== undefined && gpu.curve === undefined && gpu.provider !== 'simulated';
  const guessed = isGuessed ? unmeasured : undefined;
  return [prices, curve.assumption, rehearsalOf(gpu), guessed, ...rateNotes(rates)].filter(
    (each) => each !== undefined,
  );
}
