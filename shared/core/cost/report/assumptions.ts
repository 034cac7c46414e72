import { REQUEST_LOG_BYTES } from '../answer-lines.ts';
import { HOURS_PER_MONTH, LAMBDA_MEMORY_MIB } from '../lane-rates.ts';

/** A GPU type as the report counts with it. */
interface GpuAssumption {
  readonly itemsPerSecond: number;
  /** Interruptions per running hour on spot. */
  readonly spotLossesPerHour: number;
}

/** Everything a month's bill is computed from besides the workload and the prices. */
export interface Assumptions {
  readonly hoursPerMonth: number;
  readonly architecture: 'x86_64' | 'arm64';
  /** Lambda memory as billed, in GB of GB-seconds. */
  readonly memoryGb: number;
  readonly callMillis: number;
  readonly coldShare: number;
  readonly initMillis: number;
  readonly front: 'rest' | 'http';
  /** Calls of the authorizer per month; its answers are kept for 60 s per key. */
  readonly authorizerCalls: number;
  readonly authorizerMillis: number;
  readonly logBytes: number;
  readonly responseBytes: number;
  /** Months that log lines are kept. */
  readonly logMonths: number;
  /** Seconds of one vCPU per bulk item. */
  readonly bulkMillisPerItem: number;
  readonly bulkItemsPerCall: number;
  readonly bulkCallOverheadSeconds: number;
  readonly queueCallsPerBulkCall: number;
  /** Seconds billed per Batch start before the first item. */
  readonly setupSeconds: number;
  readonly checkpointSeconds: number;
  readonly diskGb: number;
  readonly imageGb: number;
  readonly gpus: Readonly<Record<string, GpuAssumption>>;
  readonly warmEnvironments: number;
  readonly pingMinutes: number;
  readonly pingMillis: number;
  readonly provisionedEnvironments: number;
  /** Share of requests that the provisioned environments answer, at their lower duration price. */
  readonly provisionedShare: number;
  readonly sagemakerPayloadBytes: number;
  readonly sagemakerServerlessGb: number;
  readonly sagemakerStartSeconds: number;
  readonly sagemakerIdleSeconds: number;
  readonly fargateVcpus: number;
  readonly fargateGb: number;
  /** Share of an always-on machine's time that may be planned for. */
  readonly fargateUtilization: number;
  /** CloudWatch metrics, alarms, dashboards and secrets of the deployment. */
  readonly metrics: number;
  readonly alarms: number;
  readonly dashboards: number;
  readonly secrets: number;
  /** Environments that the deployed warmer keeps; 0 without one. */
  readonly deployedWarmEnvironments: number;
  /** Receives of the queues of a month, of which almost all find nothing. */
  readonly queuePolls: number;
  /** Rounds of the reconciler in a month, and what each costs. */
  readonly reconcilerRuns: number;
}

/** The assumptions under which the first analysis of the design documents' scenario was made. */
export const seedAssumptions: Assumptions = {
  hoursPerMonth: HOURS_PER_MONTH,
  architecture: 'x86_64',
  memoryGb: 1.769,
  callMillis: 50,
  coldShare: 0.005,
  initMillis: 1_500,
  front: 'http',
  authorizerCalls: 0,
  authorizerMillis: 0,
  logBytes: 1_024,
  responseBytes: 2_048,
  logMonths: 0,
  bulkMillisPerItem: 50,
  bulkItemsPerCall: 64,
  bulkCallOverheadSeconds: 0.15,
  queueCallsPerBulkCall: 3,
  setupSeconds: 300,
  checkpointSeconds: 60,
  diskGb: 30,
  imageGb: 5,
  gpus: {
    'g4dn.xlarge': { itemsPerSecond: 800, spotLossesPerHour: 0.2 },
    'g5.xlarge': { itemsPerSecond: 1_600, spotLossesPerHour: 0.2 },
    'g6.xlarge': { itemsPerSecond: 1_500, spotLossesPerHour: 0.2 },
    'p3.2xlarge': { itemsPerSecond: 1_600, spotLossesPerHour: 0.5 },
  },
  warmEnvironments: 5,
  pingMinutes: 5,
  pingMillis: 100,
  provisionedEnvironments: 5,
  provisionedShare: 0,
  sagemakerPayloadBytes: 4_096,
  sagemakerServerlessGb: 2,
  sagemakerStartSeconds: 600,
  sagemakerIdleSeconds: 1_200,
  fargateVcpus: 1,
  fargateGb: 2,
  fargateUtilization: 0.5,
  metrics: 0,
  alarms: 0,
  dashboards: 0,
  secrets: 0,
  deployedWarmEnvironments: 0,
  queuePolls: 0,
  reconcilerRuns: 0,
};

const MINUTES_PER_HOUR = 60;

/** What `cdk deploy` puts there: REST API, authorizer, kept logs, operations. One busy API key. */
export const deployedAssumptions: Assumptions = {
  ...seedAssumptions,
  memoryGb: LAMBDA_MEMORY_MIB / 1_024,
  front: 'rest',
  authorizerCalls: HOURS_PER_MONTH * MINUTES_PER_HOUR,
  authorizerMillis: 20,
  logBytes: REQUEST_LOG_BYTES,
  logMonths: 1,
  provisionedShare: 0.995,
  // As the synthesized templates have it: shared/core/deployment/idle.
  imageGb: 1.5,
  metrics: 10,
  alarms: 5,
  dashboards: 1,
  secrets: 1,
  deployedWarmEnvironments: 2,
  queuePolls: (5 * HOURS_PER_MONTH * 3_600) / 20,
  // One every five minutes.
  reconcilerRuns: 12 * HOURS_PER_MONTH,
};

/** How a reader should take an assumption. */
export interface AssumptionNote {
  readonly key: keyof Assumptions;
  readonly label: string;
  readonly unit: string;
  readonly status: 'measured' | 'assumed' | 'convention' | 'design';
  readonly why: string;
}

const note = (
  key: keyof Assumptions,
  label: string,
  unit: string,
  [status, why]: readonly [AssumptionNote['status'], string],
): AssumptionNote => ({ key, label, unit, status, why });

/** What stands behind each assumption that moves the bill. */
export const assumptionNotes: readonly AssumptionNote[] = [
  note('hoursPerMonth', 'Hours in a month', 'h', ['convention', 'AWS and Infracost count 730']),
  note('memoryGb', 'Lambda memory', 'GB', ['design', '1,769 MB buy one vCPU; GB are of 1,024 MB']),
  note('callMillis', 'Time of one request', 'ms', ['assumed', 'small int8 encoder, 128 tokens']),
  note('coldShare', 'Cold starts', 'of requests', [
    'assumed',
    'three arrival traces gave 0.1–10 %',
  ]),
  note('initMillis', 'Length of a cold start', 'ms', ['assumed', 'billed since August 2025']),
  note('authorizerCalls', 'Calls of the authorizer', 'per month', [
    'design',
    'one key, one call per minute',
  ]),
  note('logBytes', 'Log per request', 'bytes', [
    'assumed',
    'lines of the API and the function, platform report',
  ]),
  note('responseBytes', 'Answer', 'bytes', ['assumed', 'a label with scores']),
  note('bulkMillisPerItem', 'One bulk item on one vCPU', 'ms', ['assumed', 'as one request']),
  note('setupSeconds', 'Billed start of a GPU instance', 's', [
    'assumed',
    'boot, agent, image, model, drain',
  ]),
  note('checkpointSeconds', 'Between commits', 's', [
    'assumed',
    'half of it is lost per interruption',
  ]),
  note('imageGb', 'GPU image', 'GB', ['design', 'kept in ECR']),
  note('deployedWarmEnvironments', 'Environments kept warm', '', [
    'design',
    'by the deployed warmer',
  ]),
  note('queuePolls', 'Looks into the queues', 'per month', ['design', 'five pollers, 20 s each']),
  note('reconcilerRuns', 'Rounds of the reconciler', 'per month', [
    'design',
    'every quarter of an hour',
  ]),
  note('metrics', 'Custom metrics', '', ['design', 'ten at most when in use, one when idle']),
  note('diskGb', 'Root volume of a GPU instance', 'GB', ['assumed', 'gp3, while it lives']),
];
