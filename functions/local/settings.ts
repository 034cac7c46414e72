import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';
import * as z from 'zod';
import { budgetModeSchema, type TenantBudget } from '#core/contract/budget.ts';
import { wordIssue } from '#core/contract/word-issue.ts';
import {
  type PredictionLogMode,
  predictionLogModeSchema,
} from '#core/predictions/prediction-log-mode.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type ChaosSettings, chaosSettingsOf, chaosVariables } from './chaos/chaos-settings.ts';

/** What `npm start` can be told through its environment. */
const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  SWITCHYARD_DATA: z.string().min(1).default('.switchyard'),
  SWITCHYARD_MODELS: z.string().default(''),
  SWITCHYARD_WORKERS: z.coerce.number().int().min(1).max(64).optional(),
  SWITCHYARD_SESSION_WORKERS: z.coerce.number().int().min(1).max(64).optional(),
  SWITCHYARD_CELL_BYTES: z.coerce.number().int().min(1_024).max(67_108_864).default(262_144),
  SWITCHYARD_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  SWITCHYARD_PRICE_REGION: z.string().min(1).default('us-east-1'),
  SWITCHYARD_PRICE_ARCHITECTURE: z.enum(['x86_64', 'arm64']).default('x86_64'),
  SWITCHYARD_GPU_PROVIDER: z.enum(['webgpu', 'cuda', 'simulated']).optional(),
  SWITCHYARD_ESCALATION: z.string().min(1).optional(),
  SWITCHYARD_PREDICTION_LOG: predictionLogModeSchema.default('digest'),
  SWITCHYARD_WORKER_ATTEMPTS: z.coerce.number().int().min(1).max(10).default(10),
  SWITCHYARD_RUNNABLE_WAIT_SECONDS: z.coerce.number().min(0).max(86_400).default(0),
  SWITCHYARD_RUNNABLE_LIMIT_SECONDS: z.coerce.number().positive().max(86_400).optional(),
  SWITCHYARD_TENANT_BUDGET_USD: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,18})?$/, 'dollars a month, such as 12.50')
    .optional(),
  SWITCHYARD_TENANT_BUDGET_MODE: budgetModeSchema.default('refuse'),
  ...chaosVariables,
});

export interface LocalSettings {
  /** 0 takes a free port. */
  readonly port: number;
  readonly dataFolder: string;
  /** Folders whose sub-folders are model bundles. */
  readonly modelFolders: readonly string[];
  /** Worker processes at a time, over all jobs. */
  readonly workers: number;
  /** Threads that answer requests. */
  readonly sessionWorkers: number;
  readonly cellBytes: number;
  /** How long a finished job can be asked about; its results stay. */
  readonly retentionDays: number;
  /** Whose prices the estimates of cost are made with. */
  readonly prices: { readonly region: string; readonly architecture: 'x86_64' | 'arm64' };
  /** What is kept of answers, and for how long where that is texts: as long as jobs. */
  readonly predictionLog: PredictionLogMode;
  readonly gpuProvider: 'webgpu' | 'cuda' | undefined;
  /** GPU lanes without a GPU: CPU workers stand in, and every answer says so. */
  readonly rehearsesGpu: boolean;
  /** File with the rules of escalation; undefined where nothing is escalated. */
  readonly escalationFile: string | undefined;
  /** Most tries of a worker before its submission fails. */
  readonly workerAttempts: number;
  /** How long a worker waits for its instance before it starts. */
  readonly runnableWaitMillis: number;
  /** How long workers may wait for capacity before they are cancelled; undefined is for ever. */
  readonly runnableLimitMillis: number | undefined;
  /** What may be spent in a month, by the ledger's estimates; undefined is without limit. */
  readonly tenantBudget: TenantBudget | undefined;
  /** Undefined where no spot loss is rehearsed. */
  readonly chaos: ChaosSettings | undefined;
}

/** Reads the settings; throws `invalid_setting` naming the variable and what it may be. */
export function readLocalSettings(
  variables: Readonly<Record<string, string | undefined>>,
  projectModels: string,
): LocalSettings {
  const parsed = environmentSchema.safeParse(variables, { error: wordIssue });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new SwitchyardError('invalid_setting', problems.join('; '));
  }
  const settings = parsed.data;
  const cores = availableParallelism();
  const folders = settings.SWITCHYARD_MODELS.split(delimiter).filter((folder) => folder !== '');
  return {
    port: settings.PORT,
    dataFolder: resolve(settings.SWITCHYARD_DATA),
    modelFolders: [projectModels, ...folders.map((folder) => resolve(folder))],
    // One core stays free for requests while a job runs.
    workers: settings.SWITCHYARD_WORKERS ?? Math.max(1, cores - 1),
    sessionWorkers: settings.SWITCHYARD_SESSION_WORKERS ?? Math.min(cores, 4),
    cellBytes: settings.SWITCHYARD_CELL_BYTES,
    retentionDays: settings.SWITCHYARD_RETENTION_DAYS,
    prices: {
      region: settings.SWITCHYARD_PRICE_REGION,
      architecture: settings.SWITCHYARD_PRICE_ARCHITECTURE,
    },
    predictionLog: settings.SWITCHYARD_PREDICTION_LOG,
    ...gpuSettings(settings.SWITCHYARD_GPU_PROVIDER),
    escalationFile: settings.SWITCHYARD_ESCALATION && resolve(settings.SWITCHYARD_ESCALATION),
    workerAttempts: settings.SWITCHYARD_WORKER_ATTEMPTS,
    runnableWaitMillis: settings.SWITCHYARD_RUNNABLE_WAIT_SECONDS * 1_000,
    runnableLimitMillis: optionalMillis(settings.SWITCHYARD_RUNNABLE_LIMIT_SECONDS),
    tenantBudget: budgetOf(settings),
    chaos: chaosSettingsOf(settings),
  };
}

function gpuSettings(
  provider: 'webgpu' | 'cuda' | 'simulated' | undefined,
): Pick<LocalSettings, 'gpuProvider' | 'rehearsesGpu'> {
  return provider === 'simulated'
    ? { gpuProvider: undefined, rehearsesGpu: true }
    : { gpuProvider: provider, rehearsesGpu: false };
}

function budgetOf(settings: z.infer<typeof environmentSchema>): TenantBudget | undefined {
  const { SWITCHYARD_TENANT_BUDGET_USD: limitUsd, SWITCHYARD_TENANT_BUDGET_MODE: mode } = settings;
  return limitUsd === undefined ? undefined : { limitUsd, mode };
}

function optionalMillis(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
