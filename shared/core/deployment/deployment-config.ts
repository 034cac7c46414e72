import * as z from 'zod';
import { budgetModeSchema } from '../contract/budget.ts';
import { wordIssue } from '../contract/word-issue.ts';
import { reportPeriods } from '../cost/report/report-period.ts';
import { escalationSettingsSchema } from '../escalation/escalation-settings.ts';
import { modelNameSchema } from '../models/model-manifest.ts';
import { predictionLogModeSchema } from '../predictions/prediction-log-mode.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { deployedEscalationProblems } from './check-deployed-escalation.ts';
import { inputGrantsSchema } from './input-grants.ts';

const zoneName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'such as us-east-1a');
const cronSchema = z.string().regex(/^(cron|rate)\(.{1,100}\)$/, 'cron(…) or rate(…)');
const originSchema = z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/, 'such as https://app.example');
const environments = z.int().min(0).max(100);

/** Pings that keep environments of the inference function open. */
const warmingSchema = z.strictObject({
  /** Environments to keep; 0 turns warming off. Number. @default 2 */
  environments: environments.default(2),
  /** When to ping. AWS keeps an idle environment five to seven minutes at least. @default rate(5 minutes) */
  schedule: cronSchema.default('rate(5 minutes)'),
  /** How long a ping holds its environment, so that no other gets the same one. Milliseconds. @default 100 */
  holdMillis: z.int().min(0).max(5_000).default(100),
});

/** Environments that AWS keeps open and bills by the hour. */
const provisionedSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  /** The same number always. */
  z.strictObject({ mode: z.literal('fixed'), environments: environments.min(1) }),
  /** By use, between two numbers: reacts in minutes, so it follows traffic and not bursts. */
  z.strictObject({
    mode: z.literal('tracked'),
    least: environments.min(1),
    most: environments.min(1),
    /** Share of the environments that may be busy, 0–1. @default 0.7 */
    utilization: z.number().min(0.1).max(0.9).default(0.7),
  }),
  /** By the clock: for peaks that are known. */
  z.strictObject({
    mode: z.literal('scheduled'),
    steps: z
      .array(z.strictObject({ schedule: cronSchema, environments }))
      .min(1)
      .max(24),
  }),
]);

/** Who may call the API. */
const authSchema = z.discriminatedUnion('mode', [
  /** `Authorization: Bearer …`, keys made by `switchyard keys create`, usage plans per key. */
  z.strictObject({ mode: z.literal('keys') }),
  /** Requests signed by AWS principals of this account. */
  z.strictObject({ mode: z.literal('iam') }),
  /**
   * Tokens of a Cognito user pool, which can stand before any OpenID Connect issuer; their `sub` is the
   * tenant. With `scopes`, access tokens that have one of them; without, id tokens.
   */
  z.strictObject({
    mode: z.literal('jwt'),
    userPoolArn: z.string().regex(/^arn:aws[\w-]*:cognito-idp:[\w-]+:\d{12}:userpool\/\S+$/),
    scopes: z.array(z.string().min(1)).default([]),
  }),
]);

const gpuSchema = z.strictObject({
  /** GPU instance types with their size; a bare family would let Batch start any size. @default g4dn.xlarge, g5.xlarge, g6.xlarge */
  instanceTypes: z
    .array(z.string().regex(/^(g4dn|g5|g6|g6e)\.\w+$/, 'a size of g4dn, g5, g6 or g6e'))
    .min(1)
    .default(['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge']),
  /** Most vCPUs at once on spot; a GPU instance of size xlarge has 4. vCPUs. @default 32 */
  maxSpotVcpus: z.int().min(4).max(4_096).default(32),
  /** Most vCPUs at once on demand. vCPUs. @default 16 */
  maxOnDemandVcpus: z.int().min(4).max(4_096).default(16),
  /** How long an idle instance stays for the next job, billed; 0 ends it at once. Minutes, 0 or 20–10,080. @default 0 */
  warmPoolMinutes: z
    .int()
    .refine((minutes) => minutes === 0 || (minutes >= 20 && minutes <= 10_080), '0 or 20–10,080')
    .default(0),
  /** How long a job may wait for an instance before Batch cancels it and the plan moves on. Minutes. @default 30 */
  runnableLimitMinutes: z.int().min(10).max(1_440).default(30),
  /** Longest attempt of one worker. Hours. @default 12 */
  attemptHours: z.int().min(1).max(168).default(12),
  /** Root volume of an instance, gp3: system, image and scratch. GiB. @default 100 */
  volumeGib: z.int().min(60).max(1_000).default(100),
});

/** Where the worker's image comes from. */
const imageSchema = z.discriminatedUnion('from', [
  /** Built by Docker where `deploy` runs. */
  z.strictObject({ from: z.literal('asset') }),
  /** An image that exists, by tag or digest. */
  z.strictObject({ from: z.literal('uri'), uri: z.string().min(1) }),
  /** Built by CodeBuild in the account: no Docker where `deploy` runs. */
  z.strictObject({ from: z.literal('codebuild') }),
]);

const monthlyUsdSchema = z.number().nonnegative().max(1e9);

/** What tenants may spend, by the ledger's prices; who has no limit here has none. */
const tenantBudgetsSchema = z.strictObject({
  /** Of each tenant that is not named below. USD per month of UTC. @default no limit */
  monthlyUsd: monthlyUsdSchema.optional(),
  /** Above it: `degrade` runs in the cheapest way, `queue` waits for the next month, `refuse` answers 429. @default refuse */
  mode: budgetModeSchema.default('refuse'),
  /** Tenants with a limit of their own. @default none */
  tenants: z
    .record(
      z.string().min(1).max(128),
      z.strictObject({ monthlyUsd: monthlyUsdSchema, mode: budgetModeSchema.default('refuse') }),
    )
    .default({}),
});

/** Everything that can be said about a deployment: the file that `-c config=FILE` names. */
export const deploymentConfigSchema = z.strictObject({
  /** Ignored: lets an editor check the file. */
  $schema: z.string().optional(),
  /** Name of the deployment; two of different names fit in one account. 2–24 letters, digits, `-`. @default switchyard */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,22}[a-z0-9]$/, '2–24 lower-case letters, digits and "-"')
    .default('switchyard'),
  /** AWS region. @default us-east-1 */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .default('us-east-1'),
  /** Models in the functions and workers: folders of `models/`. @default sst2-minilm, minilm-embed */
  models: z.array(modelNameSchema).min(1).default(['sst2-minilm', 'minilm-embed']),
  /** Processor of the functions. @default x86_64 */
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  /** Memory of the inference function; one whole processor comes with 1,769. MB. @default 1769 */
  memoryMb: z.int().min(512).max(10_240).default(1_769),
  /** Longest answer; the API ends a call at 29. Seconds. @default 29 */
  timeoutSeconds: z.int().min(3).max(29).default(29),
  /** @default two environments every five minutes */
  warming: warmingSchema.prefault({}),
  /** @default off */
  provisionedConcurrency: provisionedSchema.default({ mode: 'off' }),
  /** New versions get this share of calls first, and an alarm takes them back. 0 turns it off. Percent. @default 0 */
  canaryPercent: z.int().min(0).max(50).default(0),
  /** @default keys */
  auth: authSchema.default({ mode: 'keys' }),
  /** What jobs may name as input besides their tenant's own uploads and drop zone. @default nothing */
  inputs: inputGrantsSchema.prefault({}),
  /** Who may read /docs and /openapi.json: `open` asks for no key and takes few calls. @default open */
  docs: z.enum(['open', 'key']).default('open'),
  /** Pages that may call the API from a browser. @default none */
  corsOrigins: z.array(originSchema).default([]),
  /** Most calls of one key. @default 50 a second, 100 at once, 1,000,000 a month */
  usagePlan: z
    .strictObject({
      /** Calls per second. @default 50 */
      ratePerSecond: z.int().min(1).max(10_000).default(50),
      /** Calls at once above the rate. Number. @default 100 */
      burst: z.int().min(1).max(5_000).default(100),
      /** Calls per month. Number. @default 1000000 */
      monthlyQuota: z.int().min(1).default(1_000_000),
    })
    .prefault({}),
  /** Web application firewall before the API. @default false */
  waf: z.boolean().default(false),
  /** Lambda workers on bulk jobs. @default up to 50 of 1,769 MB */
  fleet: z
    .strictObject({
      /** Most at once; this much concurrency is reserved, so that bulk work cannot starve the API. Number. @default 50 */
      max: z.int().min(1).max(1_000).default(50),
      /** Memory of a worker. MB. @default 1769 */
      memoryMb: z.int().min(512).max(10_240).default(1_769),
    })
    .prefault({}),
  /** GPU instances of AWS Batch. @default g4dn, g5 and g6 of size xlarge, none while idle */
  gpu: gpuSchema.prefault({}),
  /** @default asset */
  image: imageSchema.default({ from: 'asset' }),
  /** Network of the GPU instances: `public` has no way in and no NAT; `nat` bills gateways; `isolated` bills endpoints. @default public */
  network: z.enum(['public', 'nat', 'isolated']).default('public'),
  /** Availability zones of that network. @default the first three of the region */
  zones: z.array(zoneName).min(1).max(6).optional(),
  /** How long logs are kept. Days, as CloudWatch offers them. @default 30 */
  logRetentionDays: z
    .union([1, 3, 5, 7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)))
    .default(30),
  /** How long job records and work objects are kept. Days. @default 30 */
  jobRetentionDays: z.int().min(1).max(3_650).default(30),
  /** How often jobs without a worker are looked for. Minutes. @default 5 */
  reconcileMinutes: z.int().min(1).max(60).default(5),
  /** What is kept of answers: nothing, what the models said, or that and the texts. @default digest */
  predictionLog: predictionLogModeSchema.default('digest'),
  /** How long texts are kept where `predictionLog` is `full`. Days. @default 30 */
  predictionDays: z.int().min(1).max(3_650).default(30),
  /** Whose answers are asked of another model or service when they are not certain enough. @default {} */
  escalation: escalationSettingsSchema.default({}),
  /** How often what it cost is written down in the data bucket. @default monthly */
  costReports: z.enum(['off', ...reportPeriods]).default('monthly'),
  /** A CloudWatch dashboard. @default true */
  dashboard: z.boolean().default(true),
  /** Where alarms and the budget are told. @default nobody */
  notifyEmail: z.email().optional(),
  /** Spending at which `notifyEmail` is told. USD per month. @default no budget */
  monthlyBudgetUsd: z.number().positive().optional(),
  /** What tenants may spend. @default no limit */
  tenantBudgets: tenantBudgetsSchema.prefault({}),
});

export type DeploymentConfig = z.output<typeof deploymentConfigSchema>;
export type DeploymentConfigInput = z.input<typeof deploymentConfigSchema>;

/** Fills in the defaults. Throws `invalid_setting` naming each setting that is wrong. */
export function readDeploymentConfig(value: unknown): DeploymentConfig {
  const parsed = deploymentConfigSchema.safeParse(value, { error: wordIssue });
  const problems = parsed.success
    ? deployedEscalationProblems(parsed.data)
    : parsed.error.issues.flatMap(settingProblems);
  if (parsed.success && problems.length === 0) return withUsableBudgets(parsed.data);
  throw new SwitchyardError('invalid_setting', `deployment config: ${problems.join('; ')}`);
}

function settingProblems(issue: z.core.$ZodIssue): readonly string[] {
  const places =
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key])
      : [issue.path];
  return places.map((path) =>
    path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`,
  );
}

/** A queued job waits for up to a month; its input and its record must outlast that. */
const QUEUE_RETENTION_DAYS = 31;

function withUsableBudgets(config: DeploymentConfig): DeploymentConfig {
  const { monthlyUsd, mode, tenants } = config.tenantBudgets;
  const modes = Object.values(tenants).map((each) => each.mode);
  if (monthlyUsd !== undefined) modes.push(mode);
  if (modes.length > 0 && config.predictionLog === 'off') {
    const detail = 'tenantBudgets: predictionLog must be "digest", or no request would be counted';
    throw new SwitchyardError('invalid_setting', `deployment config: ${detail}`);
  }
  if (modes.includes('queue') && config.jobRetentionDays < QUEUE_RETENTION_DAYS) {
    const detail = `tenantBudgets: mode "queue" needs jobRetentionDays of at least ${QUEUE_RETENTION_DAYS}`;
    throw new SwitchyardError('invalid_setting', `deployment config: ${detail}`);
  }
  return config;
}
