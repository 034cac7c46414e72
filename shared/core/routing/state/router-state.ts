import * as z from 'zod';
import { modelNameSchema } from '../../models/model-manifest.ts';
import { quantilesSchema } from '../curves/quantiles.ts';
import { spotOutlookSchema } from '../spot/spot-outlook.ts';

const seconds = z.number().nonnegative();
const usd = z.number().nonnegative();
const count = z.int().positive();

/** The lane inside the request. */
const inlineLaneSchema = z.strictObject({
  /** Most items of one answer, and the longest run that is answered inside the request. */
  maxItems: count,
  maxSeconds: seconds,
  perCallSeconds: seconds,
  perTokenSeconds: seconds,
  /** Chance that the next request meets no ready environment: 0 warm, 1 cold, else a measured share. */
  coldShare: z.number().min(0).max(1),
  /** How long a cold environment takes to be ready, and how much of it is billed on average. */
  init: quantilesSchema,
  billedInitSeconds: seconds,
  usdPerSecond: usd,
  usdPerRequest: usd,
});
export type InlineLane = z.infer<typeof inlineLaneSchema>;

/** Workers on a job that start within seconds. */
const fleetLaneSchema = z.strictObject({
  perTokenSeconds: seconds,
  /** From the decision to the first claimed shard. */
  start: quantilesSchema,
  /** Billed before a worker's first row. */
  billedInitSeconds: seconds,
  maxWidth: count,
  /** Tokens of one cell, the smallest piece that a worker takes. */
  cellTokens: z.number().positive(),
  /** A worker hands over to a successor after so long. */
  lifeSeconds: z.number().positive(),
  usdPerSecond: usd,
  usdPerInvocation: usd,
});
export type FleetLane = z.infer<typeof fleetLaneSchema>;

const gpuMarketFields = {
  usdPerHour: usd,
  /** Billed before an instance's first row (EC2 bills no start for less than a minute) and after its last. */
  billedSetupSeconds: z.number().min(60),
  billedDrainSeconds: seconds,
  maxInstances: count,
};

const onDemandSchema = z.strictObject({
  ...gpuMarketFields,
  /** From the decision to the first row: queue, boot, image, model. */
  start: quantilesSchema,
});
export type OnDemandMarket = z.infer<typeof onDemandSchema>;

const spotSchema = z.strictObject({
  ...gpuMarketFields,
  outlook: spotOutlookSchema,
  /** Losses per hour of running, and the work that one loss makes undone. */
  lossesPerHour: z.number().nonnegative(),
  reworkSeconds: seconds,
});
export type SpotMarket = z.infer<typeof spotSchema>;

const gpuPoolSchema = z.strictObject({
  /** Instance type. */
  pool: z.string().min(1).max(64),
  perTokenSeconds: seconds,
  /** Disk and public address, while an instance lives. */
  extrasUsdPerHour: usd,
  /**
   * What the books have of an instance's life besides the model, where that is not its set-up and its
   * drain: workers on one machine are charged for themselves alone.
   */
  workerIdleSeconds: seconds.optional(),
  onDemand: onDemandSchema.optional(),
  spot: spotSchema.optional(),
});
export type GpuPool = z.infer<typeof gpuPoolSchema>;

/** What a job costs in any lane: reading the input once, committing cells, joining the results. */
const bulkSchema = z.strictObject({
  fixedSeconds: seconds,
  perTokenSeconds: seconds,
  usdPerJob: usd,
  usdPerToken: usd,
  /** The longest time between two looks at a running job: so late may its safety net be asked for. */
  lookSeconds: seconds.optional(),
});

/**
 * Everything that a decision knows besides the request: measured curves, rates, what is warm, what
 * spot has been like. A plain value: kept under its id, it gives the same decision at any later time.
 */
export const routerStateSchema = z.strictObject({
  schema: z.literal(1),
  stateId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  model: modelNameSchema,
  /** When it was put together, ISO 8601. */
  takenAt: z.string(),
  /** Least chance to be on time that a plan must have. */
  target: z.number().min(0.5).max(0.99),
  inline: inlineLaneSchema.optional(),
  fleet: fleetLaneSchema.optional(),
  gpus: z.array(gpuPoolSchema).max(16),
  bulk: bulkSchema,
  /** What is assumed rather than measured; shown with every quote. */
  assumptions: z.array(z.string().max(300)).max(32),
});
export type RouterState = z.infer<typeof routerStateSchema>;
