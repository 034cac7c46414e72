import * as z from 'zod';
import { reportPeriods } from '../cost/report/report-period.ts';
import { predictionLogModeSchema } from '../predictions/prediction-log-mode.ts';
import { inputGrantsSchema } from './input-grants.ts';

// Used by both sides: the stacks build these values, the functions read them. A variable that one side
// forgets fails at compile time there and at start here.

const name = z.string().min(1);

/** Buckets behind the first segment of an object key: `bucket/` is the users', `work/` the jobs'. */
const buckets = {
  SWITCHYARD_DATA_BUCKET: name,
  SWITCHYARD_WORK_BUCKET: name,
};

/** Namespace of the CloudWatch metrics; one per deployment, or two in one account would add up. */
const metrics = { SWITCHYARD_METRICS_NAMESPACE: name };

/** Pages that may read answers, comma-separated; API Gateway answers their preflights. */
const cors = {
  SWITCHYARD_CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((origin) => origin !== '')),
};

/** What jobs may name as input besides their tenant's own files, as JSON. */
const inputs = {
  SWITCHYARD_INPUTS: z.string().transform(parsedJson).pipe(inputGrantsSchema),
};

function parsedJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
}

/** File with the router's states, inside the package; unset where the region's prices are not known. */
const router = { SWITCHYARD_ROUTER: name.optional() };

/** File with the budgets of tenants, inside the package; unset where nobody has one. */
const budgets = { SWITCHYARD_BUDGETS: name.optional() };
/** File with the rules of escalation, inside the package; unset where nothing is escalated. */
const escalation = { SWITCHYARD_ESCALATION: name.optional() };

/** Unit of commit of a deployment's jobs; lanes of CPUs may take part in every job. */
export const DEPLOYED_CELL_BYTES = 262_144;

/** The function that answers inside the request: models, no job records. */
export const inferenceSettingsSchema = z.object({
  ...metrics,
  ...cors,
  ...router,
  ...budgets,
  ...escalation,
  /** Folder with the model bundles, inside the function's package. */
  SWITCHYARD_MODELS: name,
  /** ARN of the jobs function (with its alias), asked to start jobs; an Invoke, never an HTTP call. */
  SWITCHYARD_JOBS_FUNCTION: name,
  /** What is kept of answers: see `shared/core/predictions/prediction-log-mode.ts`. */
  SWITCHYARD_PREDICTION_LOG: predictionLogModeSchema.default('digest'),
  /** Prices in the region, of time and of what every answer takes; unset where none is known. */
  SWITCHYARD_USD_PER_GB_SECOND: z.coerce.number().positive().optional(),
  SWITCHYARD_USD_PER_ANSWER: z.coerce.number().positive().optional(),
});

/** Everything that creates, describes, finishes or repairs jobs; none of them runs a model. */
export const jobsSettingsSchema = z.object({
  ...buckets,
  ...cors,
  ...inputs,
  ...router,
  ...budgets,
  /** Folder with the manifests of the models (switchyard.json each), without weights. */
  SWITCHYARD_MODELS: name,
  /** Secret from which job ids and signatures are derived; ARN in Secrets Manager. */
  SWITCHYARD_SECRET_ID: name,
  /** AWS Batch job queues, as ARNs, and job definition, as a name: its newest revision is taken. */
  SWITCHYARD_SPOT_QUEUE: name,
  SWITCHYARD_ON_DEMAND_QUEUE: name,
  SWITCHYARD_JOB_DEFINITION: name,
  /** The Lambda that works on shards, and how many of it may run at once. */
  SWITCHYARD_FLEET_FUNCTION: name,
  SWITCHYARD_FLEET_WORKERS: z.coerce.number().int().min(1).max(1_000),
  /**
   * ARN of the function that finishes jobs (finish-jobs), told by fleet workers that came to an end.
   * Unset in that function itself, which names itself.
   */
  SWITCHYARD_FINISH_FUNCTION: name.optional(),
  /** How long a finished job can be asked about, in days. */
  SWITCHYARD_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
});
export type JobsSettings = z.infer<typeof jobsSettingsSchema>;

/**
 * Processor of the fleet, by whose price a worker charges the fleet's tries: the one that merges a job
 * may be a GPU worker, whose own processor says nothing about it.
 */
const pricing = { SWITCHYARD_PRICE_ARCHITECTURE: z.enum(['x86_64', 'arm64']) };

/** One worker of the Lambda fleet. */
export const fleetSettingsSchema = z.object({
  ...buckets,
  ...pricing,
  SWITCHYARD_MODELS: name,
});

/** The authorizer of the API: reads `keys/{sha256}.json` in the work bucket. */
export const authorizerSettingsSchema = z.object({
  SWITCHYARD_WORK_BUCKET: name,
});

/** The warmer: pings the alias of the inference function. */
export const warmerSettingsSchema = z.object({
  ...metrics,
  /** ARN of the inference function with its alias. */
  SWITCHYARD_WARM_FUNCTION: name,
  /** Environments to keep; so many pings are in flight at once. */
  SWITCHYARD_WARM_ENVIRONMENTS: z.coerce.number().int().min(1).max(100),
  /** How long a ping holds its environment, so that no other ping is given the same one. */
  SWITCHYARD_WARM_HOLD_MILLIS: z.coerce.number().int().min(0).max(5_000),
});

/** The drift job: reads the ledger, writes reports beside it. */
export const driftSettingsSchema = z.object({
  ...metrics,
  SWITCHYARD_DATA_BUCKET: name,
});

/** The cost report: reads the ledger, writes reports beside it. */
export const reportSettingsSchema = z.object({
  SWITCHYARD_DATA_BUCKET: name,
  SWITCHYARD_REPORT_PERIOD: z.enum(reportPeriods),
});

/** A worker on AWS Batch: what its job definition says; the submission adds the job. */
export const workerSettingsSchema = z.object({
  ...buckets,
  ...pricing,
  /** Region of the buckets. */
  AWS_REGION: name,
  SWITCHYARD_PROVIDER: z.enum(['cuda', 'webgpu', 'cpu']),
  /** Instance metadata service, asked for a notice that the instance will be reclaimed. */
  SWITCHYARD_METADATA_URL: z.url(),
});
